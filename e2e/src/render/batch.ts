import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HelmError, loadChart, type ChartSource, type RenderOptions } from '@ropeway/helm'
import { peersBin } from '../harness/paths.ts'
import { run } from '../harness/process.ts'
import type { Sample } from './grammar.ts'

/** What came of a template: its text, or why it failed. */
export interface Outcome {
  readonly text?: string
  readonly error?: string
  /** Each once and sorted: helm goes through maps in no order. */
  readonly warnings?: readonly string[]
}

export interface Difference extends Sample {
  readonly ours: Outcome
  readonly helm: Outcome
}

type Files = Readonly<Record<string, string>>

/** Milliseconds that helm may take; a template may keep it busy for ever. */
const patience = 15_000
const tooLong = 'helm took too long'

const definition = 'apiVersion: v2\nname: t\nversion: 0.1.0\n'

/** JSON that is YAML as well: characters that YAML does not take as they are stand as escapes. */
export function yamlSafe(value: unknown): string {
  return JSON.stringify(value)
    .replace(
      /[\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replace(/\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/g, (_, high: string, low: string) =>
      String.fromCharCode(parseInt(high, 16), parseInt(low, 16)),
    )
}

/** A chart in which every sample is a template of its own; its text becomes one line of JSON. */
export function chartOf(samples: readonly Sample[]): Files {
  const files: Record<string, string> = { 'Chart.yaml': definition }
  files['values.yaml'] = yamlSafe(Object.fromEntries(samples.map(({ values }, at) => [`c${String(at)}`, values])))
  for (const [at, { template }] of samples.entries()) {
    const name = `c${String(at)}`
    files[`templates/${name}.yaml`] =
      `{{- define "${name}" }}${template}{{ end }}out: {{ include "${name}" .Values.${name} | mustToJson }}\n`
  }
  return files
}

/** Renders with the library. */
export function ours(files: Files, options: RenderOptions = {}): Promise<Outcome> {
  return rendering(
    Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    options,
  )
}

/** Renders with the library what is read from a folder, where `.helmignore` counts. */
export function oursInFolder(files: Files, options: RenderOptions = {}): Promise<Outcome> {
  return inFolder(files, (folder) => rendering(folder, options))
}

async function rendering(source: ChartSource, options: RenderOptions): Promise<Outcome> {
  try {
    const rendered = (await loadChart(source)).render(options)
    return { text: rendered.text(), warnings: sorted(rendered.warnings) }
  } catch (error) {
    const warnings = error instanceof HelmError ? error.warnings : []
    return { error: error instanceof Error ? error.message : String(error), warnings: sorted(warnings) }
  }
}

function sorted(warnings: readonly string[]): string[] {
  return [...new Set(warnings)].sort()
}

/** What helm's log warns of, each line as its message and what it adds; errors are told at the end as well. */
function warningsOf(log: string): string[] {
  const lines = log
    .split('\n')
    .flatMap((line) => /^level=(?:INFO|WARN) msg=(?:"((?:[^"\\]|\\.)*)"|(\S+))(.*)$/.exec(line) ?? [])
  const found: string[] = []
  for (let at = 0; at < lines.length; at += 4) {
    const [, quoted, plain, rest = ''] = lines.slice(at, at + 4)
    found.push((quoted === undefined ? (plain ?? '') : (JSON.parse(`"${quoted}"`) as string)) + rest)
  }
  return sorted(found)
}

/** Renders with the real helm. */
export function helm(files: Files, args: readonly string[] = []): Promise<Outcome> {
  return inFolder(files, async (folder) => {
    const env = { HOME: folder, HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder, TZ: 'UTC' }
    const { code, stdout, stderr } = await run(join(peersBin, 'helm'), ['template', folder, ...args], {
      env,
      cwd: folder,
      onStart: (child) => void setTimeout(() => child.kill('SIGKILL'), patience).unref(),
    })
    const warnings = warningsOf(stderr)
    if (code === 0) return { text: stdout, warnings }
    if (code === null) return { error: tooLong }
    const message = stderr.slice(stderr.indexOf('Error: ') + 'Error: '.length)
    const hint = message.indexOf('\n\nUse --debug flag')
    return { error: hint < 0 ? message.replace(/\n$/, '') : message.slice(0, hint), warnings }
  })
}

async function inFolder<T>(files: Files, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ropeway-helm-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, path, '..'), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The documents of an output by the number of their sample. */
function bySample(text: string): Map<number, string> {
  const found = new Map<number, string>()
  for (const part of text.split(/^---\n/m)) {
    const match = /^# Source: t\/templates\/c(\d+)\.yaml\n([^]*)$/.exec(part)
    if (match !== null) found.set(Number(match[1]), match[2] ?? '')
  }
  return found
}

interface Rendered {
  readonly sample: Sample
  readonly text: string
}

/** Samples that succeed here are rendered by one process of helm, those that fail by one each, as far as `failures` allows. */
export async function differences(samples: readonly Sample[], failures: number): Promise<Difference[]> {
  const good: Rendered[] = []
  const bad: { sample: Sample; error: string }[] = []
  for (const sample of samples) {
    const { text, error } = await ours(chartOf([sample]))
    if (error === undefined) good.push({ sample, text: bySample(text ?? '').get(0) ?? '' })
    else bad.push({ sample, error })
  }
  const found = await differencesOf(good)
  for (const { sample, error } of bad.slice(0, failures)) {
    const theirs = await helm(chartOf([sample]))
    if (theirs.error !== error) found.push({ ...sample, ours: { error }, helm: theirs })
  }
  return found
}

/** Compares what was rendered here. When helm fails, what it names is taken out; when it names nothing, halves are tried. */
async function differencesOf(rendered: readonly Rendered[]): Promise<Difference[]> {
  const [first] = rendered
  if (first === undefined) return []
  const { text, error } = await helm(chartOf(rendered.map(({ sample }) => sample)))
  const differing = ({ sample, text: own }: Rendered, theirs: Outcome): Difference[] =>
    theirs.text === own ? [] : [{ ...sample, ours: { text: own }, helm: theirs }]
  if (error === undefined) {
    const theirs = bySample(text ?? '')
    return rendered.flatMap((one, at) => differing(one, { text: theirs.get(at) ?? '' }))
  }
  if (rendered.length === 1) return differing(first, { error })
  const named = /^(?:[^\n]* )?\(?t\/templates\/c(\d+)\.yaml/.exec(error)?.[1]
  if (named !== undefined) {
    const at = Number(named)
    const one = rendered[at]
    return [
      ...(one === undefined ? [] : differing(one, { error })),
      ...(await differencesOf(rendered.toSpliced(at, 1))),
    ]
  }
  const middle = rendered.length >> 1
  return [...(await differencesOf(rendered.slice(0, middle))), ...(await differencesOf(rendered.slice(middle)))]
}
