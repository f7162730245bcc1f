import type { GoMap } from '@ropeway/gotemplate'
import type { Chart, HelmError, Rendered, RenderOptions } from '@ropeway/helm'
import { findReferences, renderedObjects, type ChartObject } from '../find/find-references.js'
import type { FindOptions, FoundReferences, FoundSite, UnresolvedSite } from '../find/types.js'
import { flipped, userValues, type Flip } from './flips.js'
import { indexTemplates, type TemplateFile, type Templates } from './templates.js'
import type { RenderSettings } from './types.js'

/** One render of a chart with changes, and what was found in it. */
export interface Outcome extends FoundReferences {
  readonly rendered: Rendered
  /** Templates that failed; under an empty name what kept all of them from being rendered. */
  readonly failures: ReadonlyMap<string, Error>
}

export interface ProbeOptions {
  /** Which templates are rendered. Default: all. */
  readonly only?: ((file: TemplateFile) => boolean) | undefined
  /** Goes on where templates fail. */
  readonly tolerant?: boolean | undefined
  readonly trace?: boolean | undefined
}

/** A chart that is rendered again and again with small changes. */
export interface Session {
  readonly chart: Chart
  /** The user's values, with what was filled in. */
  values: GoMap
  /** How much was rendered so far: templates, and a share for each rendering. */
  readonly spent: number
  /** Throws `HelmError`. */
  render(flips: readonly Flip[], options?: ProbeOptions): Outcome
  readonly templates: Templates
  /** The template files that take part. Throws `HelmError`. */
  files(flips: readonly Flip[]): readonly TemplateFile[]
}

/** What makes random output the same in all renderings of a chart, whatever they are for: costly keys are made once. */
export const seed = 'ropeway'

/** What a rendering costs besides its templates, in templates. */
const overhead = 3
const keptFindings = 20_000

export function openSession(chart: Chart, settings: RenderSettings, find: FindOptions): Session {
  const templates: Templates = indexTemplates(chart.loaded)
  const known = new Map<string, Map<string, FoundReferences>>()
  let kept = 0
  const session = { chart, values: userValues(settings), spent: 0, templates, render, files }

  function options(flips: readonly Flip[]): RenderOptions {
    const apis = flips.flatMap((flip) => (flip.kind === 'api' ? [flip.version] : []))
    const { release, capabilities = {}, skipSchemaValidation, limits } = settings
    return {
      release: flips.some(({ kind }) => kind === 'upgrade') ? { ...release, isUpgrade: true } : release,
      capabilities: { ...capabilities, apiVersions: [...(capabilities.apiVersions ?? []), ...apis] },
      values: flipped(session.values, flips),
      seed,
      limits,
      skipSchemaValidation: skipSchemaValidation === true || flips.length > 0,
    }
  }

  function render(flips: readonly Flip[], { only, tolerant, trace }: ProbeOptions = {}): Outcome {
    const failures = new Map<string, HelmError>()
    session.spent += overhead
    const rendered = chart.render({
      ...options(flips),
      trace,
      only: ({ name, text }) => {
        const wanted = only?.(templates.file(name, text)) ?? true
        if (wanted) session.spent += 1
        return wanted
      },
      failed: tolerant === true ? (error, template) => void failures.set(template, error) : undefined,
    })
    return { rendered, failures, ...find_(rendered) }
  }

  function files(flips: readonly Flip[]): readonly TemplateFile[] {
    const found: TemplateFile[] = []
    chart.render({
      ...options(flips),
      only: ({ name, text }) => {
        found.push(templates.file(name, text))
        return false
      },
    })
    return found
  }

  /** Documents mostly stay the same from one rendering to the next, so each is searched once. */
  function find_(rendered: Rendered): FoundReferences {
    const sites: FoundSite[] = []
    const unresolved: UnresolvedSite[] = []
    for (const document of renderedObjects(rendered, { noHooks: settings.noHooks })) {
      const found = findIn(document)
      sites.push(...found.sites)
      unresolved.push(...found.unresolved)
    }
    return { sites, unresolved }
  }

  function findIn(document: ChartObject): FoundReferences {
    const place = `${document.template} ${String(document.document)}`
    const present = known.get(place)?.get(document.text)
    if (present !== undefined) return present
    const found = findReferences([document], find)
    if (kept >= keptFindings) known.clear()
    kept = known.size === 0 ? 1 : kept + 1
    known.set(place, (known.get(place) ?? new Map<string, FoundReferences>()).set(document.text, found))
    return found
  }

  return session
}

export function isHelmError(error: unknown): error is HelmError {
  return error instanceof Error && error.name === 'HelmError'
}
