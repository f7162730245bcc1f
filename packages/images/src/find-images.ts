import { isValueList, isValueMap, type Value, type ValueMap } from './construct.js'
import { imageText, type NoImage } from './image-text.js'
import type { KubernetesDocument } from './manifests.js'
import { formatPath, type Path } from './path.js'

/** The object that a field belongs to, as far as it says. */
export interface ObjectName {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** A place in a document. */
export interface FieldPlace {
  readonly object: ObjectName
  /** Path in the object: `spec.template.spec.containers[0].image`. */
  readonly path: string
  /** The same place from the root of the document: for an item of a `List` it begins with `items` and its position. */
  readonly keys: Path
  readonly file: string
  /** Index of the document in the file. */
  readonly document: number
  /** Line in the file; the first is 1. */
  readonly line: number
}

/** An image field of a pod spec. */
export interface ImageField extends FieldPlace {
  /** As it is written. */
  readonly reference: string
}

/** An image field whose value is no reference. */
export interface UnresolvedImage extends FieldPlace {
  readonly value: unknown
  readonly kind: NoImage
  readonly reason: string
}

export interface FoundImages {
  readonly images: readonly ImageField[]
  readonly unresolved: readonly UnresolvedImage[]
}

export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const

/**
 * Finds the image fields of pod specs in objects of any kind, by structure: at any depth, lists `containers`,
 * `initContainers` and `ephemeralContainers` of maps with `name` and `image`, and `image.reference` of `volumes`. Items of
 * lists are objects of their own. Custom resource definitions are passed over: they describe pod specs but hold none.
 */
export function findImages(documents: Iterable<KubernetesDocument>): FoundImages {
  const images: ImageField[] = []
  const unresolved: UnresolvedImage[] = []
  for (const document of documents) {
    for (const { object, root } of objectsOf(document)) {
      if (object.kind === 'CustomResourceDefinition') continue
      for (const field of imageFields(valueAt(document.value, root), root)) {
        const place = {
          object,
          path: formatPath(field.keys.slice(root.length)),
          keys: field.keys,
          file: document.file,
          document: document.index,
          line: document.lineOf(field.keys),
        }
        const text = imageText(field.value)
        if ('reference' in text) images.push({ reference: text.reference, ...place })
        else unresolved.push({ value: field.value, ...text, ...place })
      }
    }
  }
  return { images, unresolved }
}

/** `Deployment/web`, with its namespace in front when it has one: how kubectl names an object. */
export function formatObject(object: ObjectName): string {
  const name = `${object.kind}/${object.name ?? '?'}`
  return object.namespace === undefined ? name : `${object.namespace} ${name}`
}

/** `k8s/app.yaml:12 Deployment/web spec.template.spec.containers[0].image`: a field for people. */
export function formatPlace({ file, line, object, path }: FieldPlace): string {
  return `${file}:${line} ${formatObject(object)} ${path}`
}

/** The objects of a document: itself, or the items of a list, each with its place in it. */
export function* objectsOf({
  value,
}: {
  readonly value: ValueMap
}): Generator<{ readonly object: ObjectName; readonly root: Path }> {
  const list = nameOf(value)
  const { items } = value
  if (!list.kind.endsWith('List') || !isValueList(items)) {
    yield { object: list, root: [] }
    return
  }
  for (const [position, item] of items.entries()) {
    // the items of a typed list (DeploymentList) may leave out what the list says already
    const kind = list.kind === 'List' ? '' : list.kind.slice(0, -'List'.length)
    yield { object: nameOf(item, { apiVersion: list.apiVersion, kind }), root: ['items', position] }
  }
}

function nameOf(value: Value, otherwise: ObjectName = { apiVersion: '', kind: '' }): ObjectName {
  if (!isValueMap(value)) return otherwise
  const metadata: ValueMap = isValueMap(value['metadata']) ? value['metadata'] : {}
  return {
    apiVersion: textOf(value['apiVersion']) ?? otherwise.apiVersion,
    kind: textOf(value['kind']) ?? otherwise.kind,
    namespace: textOf(metadata['namespace']),
    name: textOf(metadata['name']) ?? textOf(metadata['generateName']),
  }
}

function* imageFields(
  value: Value | undefined,
  path: Path,
): Generator<{ readonly keys: Path; readonly value: Value | undefined }> {
  if (isValueList(value)) {
    for (const [index, item] of value.entries()) yield* imageFields(item, [...path, index])
  }
  if (!isValueMap(value)) return
  for (const key of containerLists) {
    for (const [index, item] of mapsOf(value[key])) {
      if ('name' in item && 'image' in item) yield { keys: [...path, key, index, 'image'], value: item['image'] }
    }
  }
  for (const [index, item] of mapsOf(value['volumes'])) {
    const { name, image } = item
    if (name === undefined || !isValueMap(image)) continue
    yield { keys: [...path, 'volumes', index, 'image', 'reference'], value: image['reference'] }
  }
  for (const [key, item] of Object.entries(value)) yield* imageFields(item, [...path, key])
}

function* mapsOf(value: Value | undefined): Generator<readonly [number, ValueMap]> {
  if (!isValueList(value)) return
  for (const [index, item] of value.entries()) if (isValueMap(item)) yield [index, item]
}

/** The value at a path; `undefined` when there is none. */
export function valueAt(value: Value, path: Path): Value | undefined {
  let at: Value | undefined = value
  for (const step of path) {
    if (isValueList(at)) at = at[Number(step)]
    else if (isValueMap(at)) at = at[step]
    else return undefined
  }
  return at
}

function textOf(value: Value | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
