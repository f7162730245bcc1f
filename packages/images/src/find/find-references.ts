import { decodeYaml, type Manifest, type Rendered } from '@ropeway/helm'
import { isValueMap, type Value, type ValueMap } from '../construct.js'
import { objectsOf, valueAt, type ObjectName } from '../find-images.js'
import type { KubernetesDocument } from '../manifests.js'
import { builtInCatalogue } from './built-in-catalogue.js'
import { cataloguePlaces, listed, type CataloguePlace } from './catalogue.js'
import { plainValue } from './documents.js'
import { judge } from './judge.js'
import { join, type NamedText } from './parts.js'
import { recognise } from './recognise.js'
import { collector, type Sink, type Walk } from './sink.js'
import type { FindOptions, FoundReferences, FoundSite, RenderedObject, UnresolvedSite } from './types.js'
import { certain, nameAlone, walkPairs, walkText, walkValue } from './walk.js'

/**
 * Finds every place of rendered objects that holds an image reference, as far as it can be told: image fields of pod specs and
 * places of the catalogue for certain; arguments, variables, fields, annotations and texts by their names and by what they
 * look like. Custom resource definitions are passed over: they describe, and hold none.
 */
export function findReferences(objects: Iterable<RenderedObject>, options: FindOptions = {}): FoundReferences {
  const catalogue = [...(options.catalogue ?? []), ...builtInCatalogue]
  const sites: FoundSite[] = []
  const unresolved: UnresolvedSite[] = []
  for (const { template, document, value } of objects) {
    if (!isValueMap(value)) continue
    for (const { object, root } of objectsOf({ value })) {
      const own = valueAt(value, root)
      if (object.kind === 'CustomResourceDefinition' || !isValueMap(own)) continue
      const sink = collector({ template, document, object, root }, sites, unresolved)
      for (const place of cataloguePlaces(catalogue, object, own)) inCatalogue(place, sink)
      inObject(own, object, { sink, place: 'field', depth: 0 })
    }
  }
  return { sites, unresolved }
}

/** A document of a rendered chart: its value is read when it is asked for. */
export interface ChartObject extends RenderedObject {
  readonly text: string
  /** What was rendered; files of `crds/` are not. */
  readonly manifest?: Manifest | undefined
}

/** The documents of a rendering, hooks and files of `crds/` among them, as the finder takes them; definitions are left out. */
export function renderedObjects(
  { manifests, hooks, crds }: Pick<Rendered, 'manifests' | 'hooks' | 'crds'>,
  options: { readonly noHooks?: boolean | undefined } = {},
): readonly ChartObject[] {
  const counts = new Map<string, number>()
  const shown = options.noHooks === true ? hooks.filter(({ hooks: events }) => events.some(isTest)) : hooks
  const object = (template: string, text: string, manifest?: Manifest): ChartObject => {
    const document = counts.get(template) ?? 0
    counts.set(template, document + 1)
    return {
      ...{ template, document, text, manifest },
      get value() {
        return plainValue(decodeYaml(text))
      },
    }
  }
  const all = [
    ...crds.flatMap(({ template, text }) => crdDocuments(text).map((part) => object(template, part))),
    ...[...manifests, ...shown].map((manifest) => object(manifest.template, manifest.text, manifest)),
  ]
  return all.filter(({ manifest }) => manifest?.kind !== 'CustomResourceDefinition')
}

/** The documents of manifests, as the finder takes them. */
export function manifestObjects(documents: Iterable<KubernetesDocument>): readonly RenderedObject[] {
  return [...documents].map(({ file, index, value }) => ({ template: file, document: index, value }))
}

function isTest(event: string): boolean {
  return event === 'test' || event === 'test-success'
}

/** Documents of files of `crds/` that are no definitions; every rendering has the same files. */
const others = new Map<string, readonly string[]>()
const mostFiles = 200

/** Definitions are long and hold no images, so they are not even parsed. */
function crdDocuments(text: string): readonly string[] {
  const known = others.get(text)
  if (known !== undefined) return known
  const found = text
    .split(/^---(?=\s|$)/m)
    .filter((part) => part.trim() !== '' && !/^\s*"?kind"?:\s*"?CustomResourceDefinition\b/m.test(part))
  if (others.size >= mostFiles) others.clear()
  others.set(text, found)
  return found
}

function inCatalogue({ path, entry, value }: CataloguePlace, sink: Sink): void {
  if (entry.shape === 'none') return sink.consume(path)
  if (entry.shape === 'reference') {
    // an empty field leaves the choice to the operator; a map holds parts, which are found by their names
    if (typeof value === 'string' && value !== '') certain(value, path, 'resource', sink)
    return
  }
  if (!isValueMap(value)) return
  const part = (
    name: 'registry' | 'repository' | 'image' | 'tag' | 'digest',
  ): { key: string; text: string } | undefined => textPart(value, listed(entry.parts?.[name]))
  const [registry, repository, image, tag, digest] = [
    part('registry'),
    part('repository'),
    part('image'),
    part('tag'),
    part('digest'),
  ]
  if (repository === undefined || (entry.parts?.image !== undefined && image === undefined)) return
  const reference = join(registry?.text, repository.text, image?.text, tag?.text, digest?.text)
  const found = recognise(reference)
  if (found === undefined) return
  const parts = Object.fromEntries(
    Object.entries({ registry, repository, image, tag, digest }).flatMap(([name, each]) =>
      each === undefined ? [] : [[name, [each.key]]],
    ),
  )
  for (const each of [registry, repository, image, tag, digest])
    if (each !== undefined) sink.consume([...path, each.key])
  const judgement = found.pinned ? { class: 'used' as const } : judge(found, 'image')
  if (judgement !== undefined) sink.found(path, { place: 'resource', reference, parts, ...judgement })
  if (image === undefined) nameAlone(reference, [repository.key], path, value, sink)
}

function textPart(map: ValueMap, keys: readonly string[]): { key: string; text: string } | undefined {
  for (const key of keys) {
    const value: Value | undefined = map[key]
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text === 'string' && text !== '') return { key, text }
  }
  return undefined
}

function inObject(own: ValueMap, object: ObjectName, walk: Walk): void {
  const data = object.apiVersion === 'v1' && (object.kind === 'ConfigMap' || object.kind === 'Secret')
  if (data) inData(own, object, walk)
  else walkValue(own, [], '', walk)
  if (data) walkValue(own['metadata'] ?? null, ['metadata'], 'metadata', walk)
}

/** Texts of config maps and secrets, also those that are encoded. */
function inData(own: ValueMap, { kind }: ObjectName, walk: Walk): void {
  const texts = { ...walk, place: 'text' }
  for (const field of ['data', 'stringData']) {
    const map = own[field]
    if (!isValueMap(map)) continue
    const plain: NamedText[] = []
    for (const [key, value] of Object.entries(map)) {
      if (typeof value !== 'string' || walk.sink.consumed([field, key])) continue
      if (kind === 'Secret' && field === 'data') {
        const text = decoded(value)
        if (text !== undefined) walkText(text, [field, key], key, texts)
      } else plain.push({ name: key, text: value, path: [key] })
    }
    walkPairs(plain, [field], texts)
  }
}

/** Text that is encoded in base64; `undefined` when it is no text. */
function decoded(base64: string): string | undefined {
  if (base64.length > 2_000_000) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'))
    return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
