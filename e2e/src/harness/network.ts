import { run } from './process.ts'

/** A network namespace with nothing in it but itself, to be given to `run` and `realRegistry`. */
export interface Island {
  readonly namespace: string
  close(): Promise<unknown>
}

/** Makes a network namespace anew. Throws where the machine does not permit it. */
export async function openIsland(namespace: string): Promise<Island> {
  const close = () => run('ip', ['netns', 'del', namespace])
  await close()
  for (const args of [
    ['netns', 'add', namespace],
    ['-n', namespace, 'link', 'set', 'lo', 'up'],
  ]) {
    const { code, stderr } = await run('ip', args)
    if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  }
  return { namespace, close }
}

/** The same, or nothing where the machine does not permit it, said in one line. */
export async function openIslandIfPermitted(namespace: string, leftOut: string): Promise<Island | undefined> {
  try {
    return await openIsland(namespace)
  } catch (error) {
    process.stderr.write(`no network namespace here (${String(error).split('\n')[0] ?? ''}): ${leftOut}\n`)
    return undefined
  }
}
