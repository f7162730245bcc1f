import type { GoMap } from '@ropeway/gotemplate'
import type { Chart, LoadedChart } from '@ropeway/helm'
import { isValueList, isValueMap, type Value } from '../construct.js'
import { documentsIn, plainValue } from '../find/documents.js'
import { recognise } from '../find/recognise.js'
import { collector } from '../find/sink.js'
import type { FoundSite } from '../find/types.js'
import { walkValue } from '../find/walk.js'
import type { ObjectName } from '../find-images.js'

/** Annotations of charts that list images. */
const annotations = ['artifacthub.io/images', 'images', 'helm.sh/images']

/** References that a chart names without rendering them: in its annotations and its values. All of them are suspected only. */
export function hintsOf(chart: Chart, values: GoMap): readonly FoundSite[] {
  return [...annotated(chart.loaded, chart.metadata.name), ...inValues(chart.metadata.name, plainValue(values))]
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
  return sites.map((site) => ({ ...site, place: 'values', class: 'suspected', reason: 'only the values name it' }))
}

function objectOf(kind: string, name: string): ObjectName {
  return { apiVersion: '', kind, name }
}
