import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { HelmError, fromBytes, loadChart, readChartFiles, toBytes, type Rendered, type UserValues } from '@ropeway/helm'
import { helmWarning } from '../errors.js'
import { warningScreen } from '../screen/warnings.js'
import { commaSeparated, helmArguments } from './pflag.js'
import { facesOf, type Streams } from './screen.js'

const switches = [
  'is-upgrade',
  'no-hooks',
  'skip-schema-validation',
  'generate-name',
  'include-crds',
  'skip-crds',
  'skip-tests',
]
const lists = ['values', 'set-json', 'set', 'set-string', 'set-file', 'set-literal', 'api-versions', 'show-only']
const texts = ['namespace', 'name-template', 'kube-version']
const chars: Readonly<Record<string, string>> = {
  values: 'f',
  namespace: 'n',
  'api-versions': 'a',
  'show-only': 's',
  'generate-name': 'g',
}

interface LocalFlag {
  readonly type: string
  readonly char: string | undefined
  readonly multiple?: boolean
}

/** The flags of `ropeway render` that a chart of this machine is rendered with. */
export const localFlags: Readonly<Record<string, LocalFlag>> = Object.fromEntries<LocalFlag>([
  ...switches.map((name) => [name, { type: 'boolean', char: chars[name] }] as const),
  ...lists.map((name) => [name, { type: 'option', char: chars[name], multiple: true }] as const),
  ...texts.map((name) => [name, { type: 'option', char: chars[name], multiple: false }] as const),
])

/**
 * `ropeway render` for the plain case: a chart of this machine, with files of this machine, that renders. Gives the text, with warnings shown
 * on standard error, or `undefined` for the command to do it all, messages too. It exists for the time that loading a whole command line takes,
 * which is several times that of rendering a small chart.
 */
export async function renderLocally(argv: readonly string[], streams: Streams): Promise<Uint8Array | undefined> {
  const { env } = streams
  try {
    const given = readArguments(argv)
    if (given === undefined) return undefined
    const { has, all, last, words } = given
    const [name, target] = words.length === 1 ? [undefined, words[0]] : words
    if (
      target === undefined ||
      words.length > 2 ||
      (name !== undefined && (has('generate-name') || last('name-template') !== undefined))
    )
      return undefined
    if ((await stat(target).catch(() => undefined)) === undefined) return undefined
    const chart = await loadChart(await readChartFiles(target), target)
    const rendered: Rendered = chart.render({
      release: {
        name,
        nameTemplate: last('name-template'),
        namespace: last('namespace') ?? (env['HELM_NAMESPACE'] === '' ? undefined : env['HELM_NAMESPACE']),
        isUpgrade: has('is-upgrade'),
      },
      values: valuesOf(all),
      capabilities: { kubeVersion: last('kube-version'), apiVersions: commaSeparated(all('api-versions')) },
      skipSchemaValidation: has('skip-schema-validation'),
    })
    const text = rendered.text({
      includeCrds: has('include-crds'),
      noHooks: has('no-hooks'),
      skipTests: has('skip-tests'),
      showOnly: all('show-only'),
    })
    showWarnings(rendered, streams)
    return toBytes(text)
  } catch {
    // the command fails alike, and says why
    return undefined
  }
}

function showWarnings({ warnings }: Rendered, streams: Streams): void {
  if (warnings.length === 0) return
  const { err } = facesOf(streams, false)
  err.print(warningScreen(warnings.map(helmWarning), err))
}

interface Given {
  readonly has: (name: string) => boolean
  readonly all: (name: string) => string[]
  /** The value of a flag that counts once; an empty one is none. */
  readonly last: (name: string) => string | undefined
  readonly words: readonly string[]
}

/** `undefined` when there are other flags. */
function readArguments(argv: readonly string[]): Given | undefined {
  const flags = new Map<string, string[]>()
  const words: string[] = []
  const read = helmArguments(argv, localFlags, 'render')
  for (const [at, arg] of read.entries()) {
    if (arg === '--') {
      words.push(...read.slice(at + 1))
      break
    }
    const [, name = '', value = ''] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
    if (name === '' && (!arg.startsWith('-') || arg === '-')) words.push(arg)
    else if (localFlags[name] === undefined) return undefined
    else flags.set(name, [...(flags.get(name) ?? []), value])
  }
  const all = (name: string) => flags.get(name) ?? []
  return {
    has: (name) => flags.has(name),
    all,
    words,
    last: (name) => (all(name).at(-1) === '' ? undefined : all(name).at(-1)),
  }
}

/** Throws for what is not to be had on this machine, or only once. */
function valuesOf(all: Given['all']): UserValues {
  const read = (path: string): Uint8Array => {
    if (path === '-' || /^https?:/i.test(path)) throw new HelmError(`${path} is no file of this machine`)
    return readFileSync(path)
  }
  return {
    files: commaSeparated(all('values')).map((name) => ({ name, content: read(name) })),
    setJson: all('set-json'),
    set: all('set'),
    setString: all('set-string'),
    setFile: all('set-file'),
    setLiteral: all('set-literal'),
    readFile: (path) => fromBytes(read(path)),
  }
}
