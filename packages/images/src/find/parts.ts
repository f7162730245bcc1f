import type { Site } from '../chart/types.js'
import type { ValueMap, Value } from '../construct.js'
import { meaningOf, wordsOf } from './keys.js'
import { recognise } from './recognise.js'
import type { Judgement } from './judge.js'

export interface JoinedParts extends Judgement {
  readonly reference: string
  readonly parts: NonNullable<Site['parts']>
}

/** Names of parts in the map of one image, the likelier first. */
const registryKeys = ['registry', 'imageRegistry', 'hub', 'registryName'] as const
const repositoryKeys = ['repository', 'imageRepository', 'repo', 'imageName'] as const
const tagKeys = ['tag', 'imageTag', 'version', 'imageVersion'] as const
const digestKeys = ['digest', 'imageDigest', 'sha', 'sha256'] as const
const companions = ['pullPolicy', 'imagePullPolicy', 'pullSecrets', 'imagePullSecrets'] as const

/** The reference whose parts are fields of a map, under the name that the map goes by; `undefined` when it holds none. */
export function partsOf(map: ValueMap, name: string): JoinedParts | undefined {
  const image = meaningOf(name) === 'image'
  const tag = firstText(map, tagKeys)
  const digest = firstText(map, digestKeys)
  const registry = firstText(map, registryKeys)
  const repository = firstText(map, repositoryKeys)
  const last = firstText(map, ['image', ...(image ? ['name'] : [])])
  const named = repository ?? last
  if (named === undefined || (tag ?? digest) === undefined) return undefined
  const extra = repository !== undefined && last !== undefined && repository.key !== 'imageName' ? last : undefined
  const plain =
    /^(?:version|imageVersion)$/.test(tag?.key ?? '') && extra === undefined && !image && digest === undefined
  const reference = join(registry?.text, named.text, extra?.text, tag?.text, digest?.text)
  const found = recognise(reference)
  if (found === undefined || recognise(named.text)?.pinned === true) return undefined
  const parts = {
    ...(registry === undefined ? {} : { registry: [registry.key] }),
    repository: [named.key],
    ...(extra === undefined ? {} : { image: [extra.key] }),
    ...(tag === undefined ? {} : { tag: [tag.key] }),
    ...(digest === undefined ? {} : { digest: [digest.key] }),
  }
  const told =
    image ||
    named.key.startsWith('image') ||
    tag?.key === 'imageTag' ||
    companions.some((key) => key in map) ||
    extra !== undefined
  if (found.version && found.deep && !plain && (told || found.known || (registry !== undefined && found.hosted))) {
    return { reference, parts, class: 'used' }
  }
  if (!found.deep && !told) return undefined
  if (plain && !found.hosted) return undefined
  if (!told && !found.hosted) return undefined
  return {
    reference,
    parts,
    class: 'suspected',
    reason: 'it is put together of parts that may belong to something else',
  }
}

/** Puts the parts of a reference together; a digest wins over a tag that stands beside it. */
export function join(
  registry: string | undefined,
  repository: string,
  image?: string,
  tag?: string,
  digest?: string,
): string {
  const names = [registry?.replace(/\/+$/, ''), repository.replace(/\/+$/, ''), image].filter(
    (part) => part !== undefined && part !== '',
  )
  const sum = digest ?? (tag?.includes(':') === true ? tag : undefined)
  const label = tag !== undefined && !tag.includes(':') ? `:${tag}` : ''
  if (sum === undefined || sum === '') return `${names.join('/')}${label}`
  return `${names.join('/')}${label}@${sum.includes(':') ? sum : `sha256:${sum}`}`
}

/** A named text of a list: a variable of a container, an entry of a config map. */
export interface NamedText {
  readonly name: string
  readonly text: string
  readonly path: readonly (string | number)[]
}

const repositoryWords = new Set(['repository', 'repo', 'image', 'name'])
const tagWords = ['tag', 'version']

/** References in pairs of variables: `AGENT_IMAGE_REPOSITORY` and `AGENT_IMAGE_TAG`, `trivy.repository` and `trivy.tag`. */
export function pairsOf(texts: readonly NamedText[]): readonly JoinedParts[] {
  const byWords = new Map(texts.map((each) => [wordsOf(each.name).join(' '), each]))
  const joined: JoinedParts[] = []
  for (const each of texts) {
    const words = [...wordsOf(each.name)]
    const found = recognise(each.text)
    if (found === undefined || found.pinned || !repositoryWords.has(words.at(-1) ?? '')) continue
    const said = words.includes('image')
    while (repositoryWords.has(words.at(-1) ?? '')) words.pop()
    const other = (ends: readonly string[]): NamedText | undefined =>
      ends
        .flatMap((end) => [
          [...words, 'image', end],
          [...words, end],
        ])
        .map((candidate) => byWords.get(candidate.join(' ')))
        .find((candidate) => candidate !== undefined && candidate.text !== '')
    const tag = other(tagWords)
    if (tag === undefined) continue
    const registry = found.hosted ? undefined : other(['registry', 'hub'])
    const reference = join(registry?.text, each.text, undefined, tag.text)
    const whole = recognise(reference)
    if (whole?.deep !== true || !whole.version) continue
    const sure = /tag$/i.test(tag.name) && (said || whole.hosted)
    joined.push({
      reference,
      parts: {
        repository: each.path,
        tag: tag.path,
        ...(registry === undefined ? {} : { registry: registry.path }),
      },
      ...(sure ? { class: 'used' } : { class: 'suspected', reason: `${each.name} and ${tag.name} may make it up` }),
    })
  }
  return joined
}

function firstText(
  map: ValueMap,
  keys: readonly string[],
): { readonly key: string; readonly text: string } | undefined {
  for (const key of keys) {
    const value: Value | undefined = Object.hasOwn(map, key) ? map[key] : undefined
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text === 'string' && text !== '' && !/[\s{}$<>]/.test(text)) return { key, text }
  }
  return undefined
}
