import type { Adapter, Context, OptionsSchema } from '@ropeway/core'
import { must } from './case.js'

/** What an adapter's package says of it, to be compared with the adapter. */
export interface PackageClaim {
  /** The package's `package.json`. */
  readonly json: URL | string
  /** What its module exports: `import * as exports from './index.js'`. */
  readonly exports: Readonly<Record<string, unknown>>
}

/** Surroundings of one case, made anew for each. */
export interface World {
  /** Options as a user writes them. */
  readonly options: unknown
  /**
   * A context over these surroundings, as another run of the program would have it: state and cache are those of the
   * earlier ones, nothing else is. `signal` becomes the context's signal.
   */
  context(signal?: AbortSignal): Context | Promise<Context>
  /** Ends servers, deletes folders. */
  dispose?(): unknown
}

/** What every suite is told of the adapter under test. */
export interface AdapterSetup<Tested extends Adapter, Surroundings extends { dispose?(): unknown }> {
  readonly adapter: Tested
  readonly package?: PackageClaim | undefined
  /** Milliseconds after which something that is still pending counts as never ending. The default is 2000. */
  readonly patience?: number | undefined
  arrange(): Surroundings | Promise<Surroundings>
}

/** Runs a case's body in surroundings of its own. */
export async function inWorld<Surroundings extends { dispose?(): unknown }, T>(
  setup: { arrange(): Surroundings | Promise<Surroundings> },
  body: (world: Surroundings) => Promise<T>,
): Promise<T> {
  const world = await setup.arrange()
  try {
    return await body(world)
  } finally {
    await world.dispose?.()
  }
}

/** Options as the adapter's schema returns them. Each call gives a value of its own. */
export async function parseOptions(schema: OptionsSchema<unknown>, written: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(structuredClone(written))
  const issues = result.issues ?? []
  must(
    issues.length === 0,
    `the schema refuses the options of the setup: ${issues.map(({ message }) => message).join('; ')}`,
  )
  return 'value' in result ? result.value : undefined
}

/** The signal of a run that was stopped before it began. */
export function stoppedSignal(): AbortSignal {
  return AbortSignal.abort(new DOMException('stopped by the kit', 'AbortError'))
}

/** Waits until nothing is pending, at most `patience` milliseconds, and asserts it. */
export async function settles(pending: () => readonly string[], patience = 2000): Promise<void> {
  const deadline = performance.now() + patience
  while (pending().length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  must(pending().length === 0, `it left pending: ${pending().join(', ')}`)
}

/** The value of the promise; an assertion fails when it does not settle within `patience` milliseconds. */
export async function withPatience<T>(what: string, work: Promise<T>, patience = 2000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), patience)
  })
  try {
    const first = await Promise.race([work.then((value) => ({ value })), late])
    must(first !== 'late', `${what} did not end`)
    return first.value
  } finally {
    clearTimeout(timer)
  }
}
