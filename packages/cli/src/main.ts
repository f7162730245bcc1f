import { fileURLToPath } from 'node:url'

/**
 * Runs the command line and ends the process. Whatever goes wrong is shown in one place: on standard error for people, as
 * `{"error": …}` on standard output with `--json`.
 */
export async function start(argv: readonly string[], entry: string): Promise<void> {
  // A reader that goes away (`ropeway plan | head`) is no fault of the run.
  process.stderr.on('error', () => undefined)
  const fail = async (thrown: unknown) => end(await report(thrown, argv, entry))
  process.on('uncaughtException', (thrown) => void fail(thrown))
  guardAgainstSilence(() => void fail(undefined))
  try {
    if (argv[0] === 'render' && (await renderedLocally(argv.slice(1)))) return await end(0)
    const [{ run }, { settings }] = await Promise.all([import('@oclif/core/run'), import('@oclif/core/settings')])
    // Never look for TypeScript sources, whatever NODE_ENV says.
    settings.enableAutoTranspile = false
    await run([...argv], entry)
  } catch (thrown) {
    await fail(thrown)
  }
  await end(process.exitCode)
}

/** Whether the short way through `ropeway render` did it. */
async function renderedLocally(argv: readonly string[]): Promise<boolean> {
  const [{ renderLocally }, { inShortRun }] = await Promise.all([
    import('./base/local-render.js'),
    import('./base/short-run.js'),
  ])
  const text = await inShortRun(() => renderLocally(argv, process))
  if (text !== undefined) process.stdout.write(text)
  return text !== undefined
}

/**
 * A command whose promise never settles must not end as if all were well. The first time that nothing is left to do, who
 * knows more (a session knows its adapters) may still speak; the second time this does.
 */
function guardAgainstSilence(fail: () => void): void {
  let drained = 0
  process.on('beforeExit', () => {
    drained++
    if (drained === 1) setImmediate(() => undefined)
    else if (drained === 2) fail()
  })
}

async function report(thrown: unknown, argv: readonly string[], entry: string): Promise<number> {
  const { reportError } = await import('./report-error.js')
  return reportError(thrown, argv, fileURLToPath(entry))
}

/** Ends at once, since a connection that is kept alive must not keep the process, but not before all output is out. */
async function end(code: number | string | null | undefined): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
  )
  process.exit(code)
}
