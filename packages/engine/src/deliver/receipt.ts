import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What became of one artifact at one sink. */
export interface ReceiptEntry {
  readonly id: string
  readonly digest: string
  readonly destination?: string | undefined
  readonly outcome: 'delivered' | 'present' | 'kept' | 'failed'
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/** What a delivery did. Bytes and counts are of this run alone. */
export interface Receipt {
  readonly receiptVersion: 1
  readonly chain: { readonly name: string; readonly version: string }
  /** sha256 of the lock that was delivered. */
  readonly lock: string
  readonly sink: string
  readonly location: string
  /** True when all that was planned is there. */
  readonly complete: boolean
  readonly artifacts: readonly ReceiptEntry[]
  readonly bytesSent: number
  readonly blobsSent: number
  readonly blobsPresent: number
  readonly blobsMounted: number
  readonly blobsResumed: number
  readonly milliseconds: number
  readonly next: readonly string[]
  readonly facts: Readonly<Record<string, string>>
}

/** A receipt that is being written: to its file, when there is one, after every artifact. */
export interface OpenReceipt {
  counts: { bytesSent: number; blobsSent: number; blobsPresent: number; blobsMounted: number; blobsResumed: number }
  add(entry: ReceiptEntry): void
  /** Entries so far. */
  entries(): readonly ReceiptEntry[]
  close(end: {
    readonly location: string
    readonly complete: boolean
    readonly milliseconds: number
    readonly next?: readonly string[] | undefined
    readonly facts?: Readonly<Record<string, string>> | undefined
  }): Promise<Receipt>
}

export function openReceipt(
  head: Pick<Receipt, 'chain' | 'lock' | 'sink' | 'location'>,
  file: string | undefined,
): OpenReceipt {
  const entries: ReceiptEntry[] = []
  const counts = { bytesSent: 0, blobsSent: 0, blobsPresent: 0, blobsMounted: 0, blobsResumed: 0 }
  let writing: Promise<void> | undefined
  let again = false

  function now(end: Pick<Receipt, 'location' | 'complete' | 'milliseconds' | 'next' | 'facts'>): Receipt {
    const artifacts = [...entries].sort((a, b) => (a.id < b.id ? -1 : 1))
    return { receiptVersion: 1, ...head, ...end, artifacts, ...counts }
  }
  const unfinished = () => now({ location: head.location, complete: false, milliseconds: 0, next: [], facts: {} })

  async function put(receipt: Receipt): Promise<void> {
    if (file === undefined) return
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(`${file}.tmp`, `${JSON.stringify(receipt, null, 2)}\n`)
      await rename(`${file}.tmp`, file)
    } catch {
      // A receipt that cannot be kept must not fail a delivery that can.
    }
  }

  /** One write at a time; what comes meanwhile is in the next one. */
  function save(): void {
    if (writing !== undefined) {
      again = true
      return
    }
    writing = put(unfinished()).finally(() => {
      writing = undefined
      if (again) {
        again = false
        save()
      }
    })
  }

  return {
    counts,
    add(entry) {
      entries.push(entry)
      save()
    },
    entries: () => entries,
    async close({ location, complete, milliseconds, next = [], facts = {} }) {
      while (writing !== undefined) await writing
      const receipt = now({ location, complete, milliseconds, next, facts })
      await put(receipt)
      return receipt
    },
  }
}
