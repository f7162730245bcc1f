/** One reader's end of a tee. */
export interface Branch {
  readonly stream: AsyncIterable<Uint8Array>
  /** Lets the others go on without this reader. */
  leave(): void
}

/** Chunks that a branch may be ahead of the slowest one. */
const depth = 4

/**
 * Reads `source` once for several readers. The slowest one sets the pace, and no more than a few chunks are held for each.
 * A reader that leaves (returns, throws, is let go) is no longer waited for; a fault of the source reaches all of them.
 */
export function tee(source: AsyncIterable<Uint8Array>, readers: number): Branch[] {
  const branches = Array.from({ length: readers }, () => createBranch())
  let started = false

  async function pump(): Promise<void> {
    try {
      for await (const chunk of source) {
        await Promise.all(branches.map((branch) => branch.push(chunk)))
        if (branches.every((branch) => branch.left())) return
      }
      for (const branch of branches) branch.end()
    } catch (thrown) {
      for (const branch of branches) branch.fail(thrown)
    }
  }

  return branches.map((branch) => ({
    leave: branch.leave,
    stream: branch.read(() => {
      if (started) return
      started = true
      void pump()
    }),
  }))
}

interface Channel {
  push(chunk: Uint8Array): Promise<void>
  end(): void
  fail(thrown: unknown): void
  leave(): void
  left(): boolean
  read(start: () => void): AsyncIterable<Uint8Array>
}

function createBranch(): Channel {
  const queue: Uint8Array[] = []
  let state: 'open' | 'ended' | 'failed' | 'left' = 'open'
  let fault: unknown
  let wakeReader: () => void = () => undefined
  let wakeWriter: () => void = () => undefined

  function settle(next: 'ended' | 'failed' | 'left'): void {
    if (state === 'open') state = next
    wakeReader()
    wakeWriter()
  }

  return {
    async push(chunk) {
      while (state === 'open' && queue.length >= depth) await new Promise<void>((resolve) => (wakeWriter = resolve))
      if (state !== 'open') return
      queue.push(chunk)
      wakeReader()
    },
    end: () => settle('ended'),
    fail(thrown) {
      fault = thrown
      settle('failed')
    },
    leave() {
      queue.length = 0
      settle('left')
    },
    left: () => state === 'left',
    async *read(start) {
      start()
      try {
        for (;;) {
          const chunk = queue.shift()
          if (chunk !== undefined) {
            wakeWriter()
            yield chunk
          } else if (state === 'failed') throw fault
          else if (state !== 'open') return
          else await new Promise<void>((resolve) => (wakeReader = resolve))
        }
      } finally {
        queue.length = 0
        settle('left')
      }
    },
  }
}
