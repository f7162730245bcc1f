import { fromBytes } from '@ropeway/gotemplate'
import { matchGlob } from '../chart/glob.js'
import { trimSpace } from '../functions/strings.js'
import { HelmError } from '../helm-error.js'
import { chartPath, type ActiveChart } from './chart.js'
import { splitDocuments, type Manifest } from './manifests.js'

/** A file of a chart's `crds/`. */
export interface CrdFile {
  /** `chart/crds/x.yaml` */
  readonly template: string
  readonly text: string
}

/** The CRD files of a chart and its subcharts, in the order in which Helm prints them. */
export function crdFiles(chart: ActiveChart): CrdFile[] {
  const own = chart.files
    .filter(({ path }) => path.startsWith('crds/') && /\.(?:yaml|yml|json)$/i.test(path))
    .map(({ path, bytes }) => ({ template: `${chartPath(chart)}/${path}`, text: textOf(bytes) }))
  return [...own, ...chart.dependencies.flatMap(crdFiles)]
}

/** The texts of files: they are long, and every rendering has them. */
const texts = new WeakMap<Uint8Array, string>()

function textOf(bytes: Uint8Array): string {
  const text = texts.get(bytes) ?? fromBytes(bytes)
  texts.set(bytes, text)
  return text
}

export interface PrintOptions {
  readonly includeCrds?: boolean | undefined
  readonly noHooks?: boolean | undefined
  readonly skipTests?: boolean | undefined
  /** `--show-only` */
  readonly showOnly?: readonly string[] | undefined
}

const part = (template: string, text: string): string => `---\n# Source: ${template}\n${text}\n`

/** The text that `helm template` prints. Throws `HelmError`. */
export function printManifests(
  crds: readonly CrdFile[],
  manifests: readonly Manifest[],
  hooks: readonly Manifest[],
  { includeCrds = false, noHooks = false, skipTests = false, showOnly = [] }: PrintOptions,
): string {
  const body =
    (includeCrds ? crds : []).map(({ template, text }) => part(template, text)).join('') +
    manifests.map(({ template, text }) => part(template, text)).join('')
  const shown = noHooks
    ? []
    : hooks.filter((hook) => !(skipTests && hook.hooks.some((event) => event === 'test' || event === 'test-success')))
  const printed = `${trimSpace(body)}\n${shown.map(({ template, text }) => part(template, text)).join('')}`
  return showOnly.length === 0 ? printed : only(printed, showOnly)
}

function only(printed: string, wanted: readonly string[]): string {
  const parts = splitDocuments(printed)
  const sources = parts.map((text) => /# Source: [^/]+\/(.+)/.exec(text)?.[1])
  const found = wanted.flatMap((pattern) => {
    const matching = parts.filter(
      (_, at) => sources[at] !== undefined && matchGlob(pattern, sources[at] ?? '') === true,
    )
    if (matching.length === 0) throw new HelmError(`could not find template ${pattern} in chart`)
    return matching
  })
  return found.map((text) => `---\n${text}\n`).join('')
}
