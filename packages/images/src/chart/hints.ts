import type { GoMap } from '@ropeway/gotemplate'
import type { Chart, LoadedChart } from '@ropeway/helm'
import { isValueList, isValueMap, type Value } from '../construct.js'
import { documentsIn, plainValue } from '../find/documents.js'
import { join } from '../find/parts.js'
import { recognise } from '../find/recognise.js'
import { collector } from '../find/sink.js'
import type { FoundSite } from '../find/types.js'
import { walkValue } from '../find/walk.js'
import type { ObjectName } from '../find-images.js'
import type { Path } from '../path.js'

/** Annotations of charts that list images. */
const annotations = ['artifacthub.io/images', 'images', 'helm.sh/images']

/** A reference that a chart names without rendering it. */
export interface Hint extends FoundSite {
  /** Line of the file that names it. */
  readonly line?: number | undefined
}

/**
 * References that a chart names without rendering them: in its annotations, its values, and the texts of its templates. All of
 * them are suspected only.
 */
export function hintsOf(chart: Chart, values: GoMap): readonly Hint[] {
  const { loaded, metadata } = chart
  return [
    ...annotated(loaded, metadata.name),
    ...inValues(metadata.name, plainValue(values)),
    ...inTemplates(loaded, metadata.name),
  ]
}

function annotated({ metadata, charts }: LoadedChart, path: string): FoundSite[] {
  const sites: FoundSite[] = []
  for (const key of annotations) {
    const text = metadata.annotations?.[key]
    if (text === undefined) continue
    for (const reference of new Set(documentsIn(text, key).flatMap(listedImages))) {
      sites.push({
        template: `${path}/Chart.yaml`,
        document: 0,
        object: objectOf('Chart', metadata.name),
        path: ['annotations', key],
        place: 'annotation',
        reference,
        class: 'suspected',
        reason: `only the chart's annotation ${key} names it`,
      })
    }
  }
  return [...sites, ...charts.flatMap((inner) => annotated(inner, `${path}/charts/${inner.metadata.name}`))]
}

/** A list of maps with `image`, of texts, or a map with such a list. */
function listedImages(value: Value): readonly string[] {
  if (typeof value === 'string') return recognise(value)?.reference === undefined ? [] : [value]
  if (isValueList(value)) return value.flatMap(listedImages)
  if (!isValueMap(value)) return []
  return Object.values('image' in value ? { image: value['image'] ?? null } : value).flatMap(listedImages)
}

function inValues(name: string, values: Value): FoundSite[] {
  const sites: FoundSite[] = []
  const home = { template: `${name}/values.yaml`, document: 0, object: objectOf('Values', name), root: [] }
  walkValue(values, [], '', { sink: collector(home, sites, []), place: 'values', depth: 0 })
  return [...sites, ...untagged(values, []).map((site) => ({ ...home, ...site }))].map((site) => ({
    ...site,
    place: 'values',
    class: 'suspected',
    reason: 'only the values name it',
  }))
}

/** Maps that are an image but for their tag, which is there and empty: templates would take it from elsewhere. */
function untagged(value: Value, path: Path): Pick<FoundSite, 'path' | 'reference'>[] {
  if (isValueList(value)) return value.flatMap((item, at) => untagged(item, [...path, at]))
  if (!isValueMap(value)) return []
  const inside = Object.entries(value).flatMap(([key, item]) => untagged(item, [...path, key]))
  const { registry, repository, tag } = value
  if (typeof repository !== 'string' || (tag !== '' && tag !== null)) return inside
  const reference = join(typeof registry === 'string' ? registry : undefined, repository)
  return recognise(reference)?.hosted === true ? [...inside, { path, reference }] : inside
}

const comment = /\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g
/** A line of a template that gives an image without any action. */
const literal = /^[ \t]*(?:-[ \t]+)?image:[ \t]*(["']?)([^\s"'{}#]+)\1[ \t]*(?:#.*)?$/gm

/** What stands behind `image:` in a template as it is: conditions that nothing which is tried fulfils may hide it. */
function inTemplates({ templates, metadata, charts }: LoadedChart, path: string): Hint[] {
  const own = templates
    .filter(({ path: file }) => !file.endsWith('.txt'))
    .flatMap(({ path: file, text }) => {
      const bare = text.replace(comment, (part) => part.replace(/[^\n]/g, ' '))
      return [...bare.matchAll(literal)].flatMap(({ 2: reference = '', index }): Hint[] => {
        if (recognise(reference)?.reference !== reference) return []
        const line = bare.slice(0, index).split('\n').length
        const object = objectOf('Template', metadata.name)
        const reason = 'a template names it, in a part that nothing which was tried renders'
        const place = { template: `${path}/${file}`, document: 0, object, path: [], line, place: 'template' }
        return [{ ...place, reference, class: 'suspected', reason }]
      })
    })
  return [...own, ...charts.flatMap((inner) => inTemplates(inner, `${path}/charts/${inner.metadata.name}`))]
}

function objectOf(kind: string, name: string): ObjectName {
  return { apiVersion: '', kind, name }
}
