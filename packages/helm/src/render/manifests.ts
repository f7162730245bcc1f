import { GoMap, GoSlice, compareStrings, textOf, type TracedText, type Value } from '@ropeway/gotemplate'
import { trimSpace } from '../functions/strings.js'
import { HelmError } from '../helm-error.js'
import { mismatch, jsonTypeName } from '../yaml/from-yaml.js'
import { readOnce } from '../yaml/read-once.js'
import { documentTraces, untraced, type DocumentTrace } from './trace.js'

/** One document of what a template rendered. */
export interface Manifest extends DocumentTrace {
  /** `chart/templates/x.yaml` */
  readonly template: string
  readonly text: string
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** Events at which it is a hook; none for other manifests. */
  readonly hooks: readonly string[]
}

const installOrder = (
  'PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount Secret ' +
  'SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ClusterRoleList ' +
  'ClusterRoleBinding ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ' +
  'ReplicaSet Deployment HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService ' +
  'MutatingWebhookConfiguration ValidatingWebhookConfiguration'
).split(' ')
const orderOf = new Map(installOrder.map((kind, at) => [kind, at]))

const events = new Set(
  'pre-install post-install pre-delete post-delete pre-upgrade post-upgrade pre-rollback post-rollback test test-success'.split(
    ' ',
  ),
)

/** The documents of a text as Helm parts them: by lines that start with `---`, whatever stands behind it. */
export function splitDocuments(text: string): string[] {
  const all = trimSpace(text)
  const parts: string[] = []
  let start = all.startsWith('---') ? afterBlanks(all, 3) : 0
  for (let at = all.indexOf('\n---', start); at >= 0; at = all.indexOf('\n---', start)) {
    parts.push(all.slice(start, at))
    start = afterBlanks(all, at + 4)
  }
  parts.push(all.slice(start))
  return parts.map((part) => trimSpace(part)).filter((part) => part !== '')
}

/** Behind a separator its blanks and line breaks are gone, so that another one right below it is text. */
function afterBlanks(text: string, at: number): number {
  let end = at
  while (end < text.length && '\t\n\f\r '.includes(text.charAt(end))) end++
  return end
}

/** Told of a template that cannot be rendered, when the others are wanted all the same. */
export type Failed = (error: HelmError, template: string) => void

/** The manifests and hooks of rendered files, each list in the order of installation. Throws `HelmError` unless `failed` is told. */
export function sortManifests(
  rendered: ReadonlyMap<string, string>,
  warn: (message: string) => void,
  traces?: ReadonlyMap<string, TracedText>,
  failed?: Failed,
): { manifests: Manifest[]; hooks: Manifest[] } {
  const manifests: Manifest[] = []
  const hooks: Manifest[] = []
  const take = (template: string): void => {
    const documents = documentsOf(rendered.get(template) ?? '')
    const traced = documentTraces(documents, traces?.get(template))
    for (const [at, text] of documents.entries()) {
      const { annotations, ...head } = headOf(text, template)
      const manifest = { template, text, ...head, ...(traced?.[at] ?? untraced) }
      const given = annotations?.get('helm.sh/hook')
      if (given === undefined) {
        manifests.push({ ...manifest, hooks: [] })
        continue
      }
      const wanted = given.split(',').map((event) => trimSpace(event).toLowerCase())
      if (wanted.every((event) => events.has(event))) hooks.push({ ...manifest, hooks: wanted })
      else warn(`skipping unknown hooks hookTypes=${given}`)
    }
  }
  for (const template of [...rendered.keys()].sort(compareStrings)) {
    try {
      take(template)
    } catch (error) {
      if (failed === undefined || !(error instanceof HelmError)) throw error
      failed(error, template)
    }
  }
  return { manifests: byKind(manifests), hooks: byKind(hooks) }
}

function byKind(manifests: readonly Manifest[]): Manifest[] {
  return manifests.toSorted((a, b) => {
    const [x, y] = [orderOf.get(a.kind), orderOf.get(b.kind)]
    if (x === undefined && y === undefined) return compareStrings(a.kind, b.kind)
    return (x ?? Infinity) - (y ?? Infinity) || 0
  })
}

interface Head {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly annotations: ReadonlyMap<string, string> | undefined
}

const decoding = 'error unmarshaling JSON: while decoding JSON: '
const metadataType = 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }'

/** Heads of documents, by their texts: another rendering of a chart changes few of them. */
const heads = new Map<string, Head>()
/** The documents of texts, for the same reason. */
const parts = new Map<string, readonly string[]>()
const keptCharacters = 16 * 1024 * 1024
let kept = 0

/** Like `splitDocuments`, but parts equal texts once. */
export function documentsOf(text: string): readonly string[] {
  const known = parts.get(text)
  if (known !== undefined) return known
  const documents = splitDocuments(text)
  remember(parts, text, documents)
  return documents
}

function remember<T>(known: Map<string, T>, text: string, value: T): void {
  if (kept + text.length > keptCharacters) {
    heads.clear()
    parts.clear()
    kept = 0
  }
  known.set(text, value)
  kept += text.length
}

function headOf(text: string, template: string): Head {
  const known = heads.get(text)
  if (known !== undefined) return known
  const head = readHead(text, template)
  remember(heads, text, head)
  return head
}

function readHead(text: string, template: string): Head {
  const fail = (problem: string): HelmError =>
    new HelmError(`YAML parse error on ${template}: ${problem}`, { template })
  let root: Value
  try {
    root = readOnce(text)
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error))
  }
  if (root === null) return { apiVersion: '', kind: '', name: '', annotations: undefined }
  if (!(root instanceof GoMap)) throw fail(decoding + mismatch(root, 'util.SimpleHead'))
  const string = (value: Value | undefined, field: string): string => {
    if (value === undefined || value === null) return ''
    if (value instanceof GoMap || value instanceof GoSlice) {
      throw fail(
        `${decoding}json: cannot unmarshal ${jsonTypeName(value)} into Go struct field ${field} of type string`,
      )
    }
    return typeof value === 'string' ? value : textOf(value)
  }
  const metadata = field(root, 'metadata') ?? null
  if (metadata !== null && !(metadata instanceof GoMap)) {
    throw fail(
      `${decoding}json: cannot unmarshal ${jsonTypeName(metadata)} into Go struct field SimpleHead.metadata of type ${metadataType}`,
    )
  }
  const given = metadata === null ? undefined : field(metadata, 'annotations')
  if (given !== undefined && given !== null && !(given instanceof GoMap)) {
    throw fail(
      `${decoding}json: cannot unmarshal ${jsonTypeName(given)} into Go struct field .metadata.annotations of type map[string]string`,
    )
  }
  return {
    apiVersion: string(field(root, 'apiVersion'), 'SimpleHead.apiVersion'),
    kind: string(field(root, 'kind'), 'SimpleHead.kind'),
    name: string(metadata === null ? undefined : field(metadata, 'name'), '.metadata.name'),
    annotations:
      given instanceof GoMap
        ? new Map([...given.entries].map(([key, value]) => [key, string(value, '.metadata.annotations')]))
        : undefined,
  }
}

/** A field by its name as Go's JSON finds it: in any case, the exact one preferred. */
function field(map: GoMap, name: string): Value | undefined {
  if (map.entries.has(name)) return map.entries.get(name)
  const lower = name.toLowerCase()
  for (const [key, value] of map.entries) if (key.toLowerCase() === lower) return value
  return undefined
}
