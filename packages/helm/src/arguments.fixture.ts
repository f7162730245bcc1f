import { readFileSync } from 'node:fs'
import type { RenderOptions } from './render/render.js'
import type { PrintOptions } from './render/print.js'

/** Arguments of `helm template` behind the chart as options of a rendering. */
export interface Parsed {
  readonly render: RenderOptions
  readonly print: PrintOptions
}

const aliases: Readonly<Record<string, string>> = {
  '-f': '--values',
  '-n': '--namespace',
  '-a': '--api-versions',
  '-s': '--show-only',
}
const switches = new Set([
  '--include-crds',
  '--skip-crds',
  '--is-upgrade',
  '--no-hooks',
  '--skip-tests',
  '--skip-schema-validation',
  '--generate-name',
])

export function parseArguments(
  release: string | undefined,
  args: readonly string[],
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Parsed {
  const given = new Map<string, string[]>()
  for (let at = 0; at < args.length; at++) {
    const [flag = '', inline] = (args[at] ?? '').split(/=(.*)/s)
    const name = aliases[flag] ?? flag
    const values = given.get(name) ?? []
    given.set(name, values)
    if (!switches.has(name)) values.push(inline ?? args[++at] ?? '')
  }
  const all = (name: string): string[] => given.get(name) ?? []
  const last = (name: string): string | undefined => all(name).at(-1)
  return {
    render: {
      release: {
        name: release,
        nameTemplate: last('--name-template'),
        namespace: last('--namespace'),
        isUpgrade: given.has('--is-upgrade'),
      },
      values: {
        files: all('--values')
          .flatMap((paths) => paths.split(','))
          .map((name) => ({ name, content: readFile(name) })),
        set: all('--set'),
        setString: all('--set-string'),
        setJson: all('--set-json'),
        setFile: all('--set-file'),
        setLiteral: all('--set-literal'),
        readFile,
      },
      capabilities: {
        kubeVersion: last('--kube-version'),
        apiVersions: all('--api-versions').flatMap((versions) => versions.split(',')),
      },
      skipSchemaValidation: given.has('--skip-schema-validation'),
    },
    print: {
      includeCrds: given.has('--include-crds'),
      noHooks: given.has('--no-hooks'),
      skipTests: given.has('--skip-tests'),
      showOnly: all('--show-only'),
    },
  }
}
