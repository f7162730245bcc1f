import { construct, isValueList, isValueMap, type Fail, type Value, type ValueMap } from './construct.js'
import { manifestFileInvalid } from './errors.js'
import { firstError, parseWithFreeFlow, type ParsedText } from './flow-indent.js'
import type { Path } from './path.js'
import { splitDocuments } from './split-documents.js'
import { withoutByteOrderMark } from './text.js'

/** One document of a manifest file: a Kubernetes object, or a list of them. */
export interface KubernetesDocument {
  /** The file as the user named it. */
  readonly file: string
  /** Position in the file; the first document is 0, empty ones count. */
  readonly index: number
  readonly value: ValueMap
  /** Line in the file of the key or item at the path, or of the nearest place around it; the first line is 1. */
  lineOf(path: Path): number
}

const hints = {
  syntax: 'correct the file; "kubectl apply --dry-run=client -f FILE" shows what kubectl makes of it',
  template:
    'this is a template: render it first ("helm template …") and name the result, or give the chart to the helm source',
  object: 'name only files with Kubernetes objects under "manifests", others under "files"',
  kustomization: 'render it first ("kubectl kustomize FOLDER") and name the result',
}

/**
 * Reads the Kubernetes objects of a file: YAML with any number of documents, or JSON. Empty documents are left out.
 * Keys that stand twice are tolerated as kubectl does, the last one counts. Throws `MANIFEST_FILE_INVALID` with file and
 * line for text that cannot be parsed, for templates that were not rendered, and for anything but Kubernetes objects.
 */
export function parseManifests(text: string, file: string): readonly KubernetesDocument[] {
  const documents: KubernetesDocument[] = []
  let index = 0
  for (const part of splitDocuments(withoutByteOrderMark(text))) {
    const parsed = parseWithFreeFlow(part.text, { strict: false, uniqueKeys: false, prettyErrors: false })
    const lineAt = (offset: number): number => part.line - 1 + parsed.lines.linePos(offset).line
    const fail: Fail = (offset, problem, template = false) => {
      throw manifestFileInvalid({ file, line: lineAt(offset), problem, hint: template ? hints.template : hints.syntax })
    }
    refuseErrors(part.text, parsed, fail)
    for (const { contents } of parsed.documents) {
      const { value, offsetOf } = construct(contents, fail)
      const lineOf = (path: Path): number => lineAt(offsetOf(path))
      if (value !== null) documents.push({ file, index, value: kubernetesObject(value, file, lineOf), lineOf })
      index += 1
    }
  }
  return documents
}

function refuseErrors(text: string, parsed: ParsedText, fail: Fail): void {
  const error = firstError(parsed.documents)
  if (error === undefined) return
  const [offset] = error.pos
  if (error.code === 'RESOURCE_EXHAUSTION') fail(offset, 'nested too deeply to be read')
  const template = looksLikeTemplate(text, parsed.lines.linePos(offset).line)
  fail(offset, `it is no YAML: ${error.message}`, template)
}

/** True when `{{` stands on the line or not far above: an unrendered template fails at it, or a little later. */
function looksLikeTemplate(text: string, line: number): boolean {
  return text
    .split('\n')
    .slice(Math.max(0, line - 4), line)
    .some((each) => each.includes('{{'))
}

function kubernetesObject(value: Value, file: string, lineOf: (path: Path) => number): ValueMap {
  const object = requireObject(value, [], file, lineOf)
  const { kind, items } = object
  if (kind === 'List' && isValueList(items)) {
    for (const [position, item] of items.entries()) requireObject(item, ['items', position], file, lineOf)
  }
  return object
}

function requireObject(value: Value, path: Path, file: string, lineOf: (path: Path) => number): ValueMap {
  const invalid = (problem: string, hint: string): never => {
    throw manifestFileInvalid({ file, line: lineOf(path), problem, hint })
  }
  if (isKustomization(value, file)) {
    invalid('a kustomization is no Kubernetes object but says how to make some', hints.kustomization)
  }
  if (!isValueMap(value)) return invalid('here is no Kubernetes object but a single value or a list', hints.object)
  const missing = ['apiVersion', 'kind'].filter((key) => typeof value[key] !== 'string' || value[key] === '')
  if (missing.length === 0) return value
  return invalid(`here is no Kubernetes object: it has no ${missing.join(' and no ')}`, hints.object)
}

function isKustomization(value: Value, file: string): boolean {
  if (!isValueMap(value)) return false
  const { apiVersion, kind } = value
  if (typeof apiVersion === 'string') return apiVersion.startsWith('kustomize.config.k8s.io/')
  return kind === undefined && /(^|[/\\])kustomization(\.ya?ml)?$/i.test(file)
}
