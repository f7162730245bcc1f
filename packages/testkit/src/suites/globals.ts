import { isDeepStrictEqual } from 'node:util'
import { must } from './case.js'

const processEvents = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'warning'] as const

/** Names that the platform and schema libraries add to the global object when they are first used. */
const harmless = /undici|zod|nodejs|vitest|jest/i

interface Globals {
  readonly names: ReadonlySet<string>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  readonly listeners: Readonly<Record<string, number>>
}

function globals(): Globals {
  return {
    names: new Set(
      Reflect.ownKeys(globalThis)
        .map(String)
        .filter((name) => !harmless.test(name)),
    ),
    environment: { ...process.env },
    directory: process.cwd(),
    listeners: Object.fromEntries(processEvents.map((event) => [event, process.listenerCount(event)])),
  }
}

/** Does the work and asserts that the global object, the environment, the folder and the handlers of signals stay as they are. */
export async function leavesGlobals(work: () => Promise<unknown>): Promise<void> {
  const before = globals()
  await work()
  const after = globals()
  const added = [...after.names].filter((name) => !before.names.has(name))
  must(added.length === 0, `it added ${added.join(', ')} to the global object`)
  must(isDeepStrictEqual(after.environment, before.environment), 'it changed process.env')
  must(after.directory === before.directory, `it changed the working directory to ${after.directory}`)
  must(isDeepStrictEqual(after.listeners, before.listeners), 'it installed handlers on process')
}
