import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { z } from 'zod'

/**
 * The process that writes a partial file. A process id alone is used again by others, so its start and the machine's boot
 * go with it, where the system tells them.
 */
export const ownerSchema = z.object({
  host: z.string(),
  pid: z.int().positive(),
  boot: z.string().optional(),
  start: z.string().optional(),
})
export type Owner = z.output<typeof ownerSchema>

/** A process of this machine; the default is this one. */
export async function ownerOf(pid = process.pid): Promise<Owner> {
  return { host: hostname(), pid, boot: await bootId(), start: await startOf(pid) }
}

/**
 * Whether another process certainly still runs on this machine. What cannot be known counts as dead: nothing that is left
 * behind may stand in the way of a new export. Neither does what `here` itself began and gave up without a word.
 */
export async function isAliveBeside(owner: Owner, here: Owner): Promise<boolean> {
  if (owner.host !== here.host || owner.boot !== here.boot || owner.pid === here.pid) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EPERM'
    if (!exists) return false
  }
  return (await startOf(owner.pid)) === owner.start
}

/** Changes with every start of the machine. */
async function bootId(): Promise<string | undefined> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
}

/** Ticks from boot to the start of a process: field 22 of proc_pid_stat(5), counted after the name, which may hold spaces. */
async function startOf(pid: number): Promise<string | undefined> {
  return readFile(`/proc/${pid}/stat`, 'utf8').then(
    (text) => text.slice(text.lastIndexOf(')') + 2).split(' ')[19],
    () => undefined,
  )
}
