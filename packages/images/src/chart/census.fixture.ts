import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import type { LoadedChart } from '@ropeway/helm'

/** An image as a chart's own text names it, read without anything that discovery reads with. */
export interface NamedImage {
  /** Repository, with its registry where it stands beside it or in front. */
  readonly repository: string
  /** File and place. */
  readonly source: string
}

/**
 * All images that a chart and its subcharts name: maps of their values with a `repository` beside a tag, digest or pull policy, and lines of
 * templates that give an image without an action.
 */
export function imageCensus({ values, templates, charts, metadata }: LoadedChart, path = ''): NamedImage[] {
  const own = `${path}${metadata.name}`
  return [
    ...inValues(values, `${own}/values.yaml`),
    ...templates.flatMap(({ path: file, text }) => (file.endsWith('.txt') ? [] : inTemplate(text, `${own}/${file}`))),
    ...charts.flatMap((chart) => imageCensus(chart, `${own}/charts/`)),
  ]
}

function inValues(value: Value, source: string): NamedImage[] {
  if (value instanceof GoSlice) return value.items.flatMap((item) => inValues(item, source))
  if (!(value instanceof GoMap)) return []
  const below = [...value.entries].flatMap(([key, item]) => inValues(item, `${source} ${key}`))
  const repository = value.entries.get('repository')
  const beside = ['tag', 'digest', 'pullPolicy'].some((key) => value.entries.has(key))
  if (typeof repository !== 'string' || repository === '' || /^(?:https?|git|ssh|oci):|^\//.test(repository))
    return below
  return beside ? [...below, { repository: repository.replace(/[@].*$/, ''), source }] : below
}

function inTemplate(text: string, source: string): NamedImage[] {
  return text.split('\n').flatMap((line, at) => {
    const image = /^\s*-?\s*image:\s*["']?([a-z0-9][\w./:-]*)["']?\s*$/.exec(line)?.[1]
    return image === undefined
      ? []
      : [{ repository: image.replace(/:[^/]*$/, ''), source: `${source}:${String(at + 1)}` }]
  })
}
