import { fileURLToPath } from 'node:url'

/**
 * Runs the command line and ends the process. Whatever goes wrong is shown in one place: on standard error for people, as
 * `{"error": …}` on standard output with `--json`.
 */
export async function start(argv: readonly string[], entry: string): Promise<void> {
  const fail = async (thrown: unknown) => end(await report(thrown, argv, entry))
  process.on('uncaughtException', (thrown) => void fail(thrown))
  guardAgainstSilence(() => void fail(undefined))
  try {
    if (argv[0] === 'render' && (await renderedLocally(argv.slice(1)))) return await end(0)
    openStandardError()
    const [{ run }, { settings }] = await Promise.all([import('@oclif/core/run'), import('@oclif/core/settings')])
    // Never look for TypeScript sources, whatever NODE_ENV says.
    settings.enableAutoTranspile = false
    await run([...argv], entry)
  } catch (thrown) {
    await fail(thrown)
  }
  await end(process.exitCode)
}

let standardError: NodeJS.WriteStream | undefined

/** Standard error, which takes a while to open. A reader that goes away (`ropeway plan 2>&1 | head`) is no fault of the run. */
function openStandardError(): NodeJS.WriteStream {
  standardError ??= process.stderr.on('error', () => undefined)
  return standardError
}

/** Whether the short way through `ropeway render` did it. */
async function renderedLocally(argv: readonly string[]): Promise<boolean> {
  const [{ renderLocally }, { inShortRun }] = await Promise.all([
    import('./base/local-render.js'),
    import('./base/short-run.js'),
  ])
  const { env, stdout } = process
  const streams = {
    ...{ env, stdout },
    get stderr() {
      return openStandardError()
    },
  }
  const text = await inShortRun(() => renderLocally(argv, streams))
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
  openStandardError()
  const { reportError } = await import('./report-error.js')
  return reportError(thrown, argv, fileURLToPath(entry))
}

/** Ends at once, since a connection that is kept alive must not keep the process, but not before all output is out. */
async function end(code: number | string | null | undefined): Promise<never> {
  const opened = standardError === undefined ? [process.stdout] : [process.stdout, standardError]
  await Promise.all(opened.map((stream) => new Promise((resolve) => stream.write('', resolve))))
  process.exit(code)
}
