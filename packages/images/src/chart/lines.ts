import type { Manifest, Rendered } from '@ropeway/helm'
import type { Site } from './types.js'

/** The line of the template that wrote a site; `undefined` when it cannot be told. The rendering has to be traced. */
export function lineOfSite(rendered: Rendered, site: Site): number | undefined {
  const manifest = manifestOf(rendered, site)
  if (manifest === undefined) return undefined
  const place = positionOf(manifest.text, site)
  if (place === undefined) return manifest.line
  return manifest.lineOf(place.line, place.column)?.templateLine ?? manifest.line
}

/** Documents are counted as the finder counts them: manifests first, then hooks. */
function manifestOf({ manifests, hooks }: Rendered, { template, document }: Site): Manifest | undefined {
  const own = [...manifests, ...hooks].filter((manifest) => manifest.template === template)
  return own[document]
}

/** Where the text of a site stands in its document: line from 1, column from 0. */
function positionOf(text: string, site: Site): { readonly line: number; readonly column: number } | undefined {
  const lines = text.split('\n')
  const keys = site.path.filter((key) => typeof key === 'string')
  const last = keys.at(-1) ?? ''
  const needles = [site.reference, ...pieces(site.reference)]
  for (const needle of needles) {
    const hits = lines.flatMap((line, at) => (line.includes(needle) ? [at] : []))
    if (hits.length === 0) continue
    const best = hits.find((at) => lines[at]?.includes(`${last}:`)) ?? hits[0] ?? 0
    return { line: best + 1, column: lines[best]?.indexOf(needle) ?? 0 }
  }
  const at = lines.findIndex((line) =>
    new RegExp(`^\\s*(?:- )?["']?${last.replaceAll(/\W/g, '\\$&')}["']?:`).test(line),
  )
  return at < 0 ? undefined : { line: at + 1, column: /\S/.exec(lines[at] ?? '')?.index ?? 0 }
}

/** Parts of a reference, the longest first, for those that stand in parts. */
function pieces(reference: string): readonly string[] {
  const name = reference.replace(/@.*$/, '').replace(/:[^/]*$/, '')
  const path = name.slice(name.indexOf('/') + 1)
  return [name, path]
}
