import { HelmError, mergeUserValues, type Chart } from '@ropeway/helm'
import { upgradeKey, withFilled, withSwitch } from '../chart/flips.js'
import type { RelocateOptions, RenderSettings, Switch } from '../chart/types.js'
import type { FindSites } from './spots.js'
import type { View } from './view.js'
import { renderSetup, type Setup } from './workspace.js'

/** One way in which a chart is rendered for relocation, with what it renders as published. */
export interface BaseSetup {
  readonly setup: Setup
  readonly base: View
}

/** The setup for the given settings, and a switch. Throws `HelmError` for values that cannot be read. */
export function makeSetup(
  settings: RenderSettings,
  filled: Readonly<Record<string, unknown>>,
  flipped?: Switch,
  tolerant = false,
): Setup {
  const given = withFilled(settings, filled)
  const whole = flipped === undefined ? given : withSwitch(given, flipped)
  const schema = flipped !== undefined || whole.skipSchemaValidation === true
  return {
    ...{ switch: flipped, tolerant },
    settings: { ...whole, skipSchemaValidation: schema },
    values: mergeUserValues(whole.values ?? {}),
  }
}

/**
 * The setups that show all images: the given settings, then the switches that optional images need, as many of them at once as
 * the chart takes. Throws `HelmError` when the chart does not render with the given settings.
 */
export function chooseSetups(original: Chart, options: RelocateOptions, find: FindSites): BaseSetup[] {
  const { settings, discovery, destination } = options
  const plain = makeSetup(settings, discovery.filled)
  const first: BaseSetup = { setup: plain, base: renderSetup(original, plain, {}, { strict: true }) }
  const wanted = new Map<string, Needed>()
  for (const { reference, switch: flipped } of discovery.images) {
    if (flipped === undefined || destination(reference) === undefined) continue
    const key = JSON.stringify(flipped)
    wanted.set(key, { flipped, references: [...(wanted.get(key)?.references ?? []), reference] })
  }
  const render = (flipped: Switch, tolerant: boolean): BaseSetup | undefined => {
    try {
      const setup = makeSetup(settings, discovery.filled, flipped, tolerant)
      return { setup, base: renderSetup(original, setup, {}, { strict: true }) }
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
      return undefined
    }
  }
  const known = new Set(discovery.images.map(({ reference }) => reference))
  return [first, ...cover([...wanted.values()], render, (view) => shownBy(view, find, known))]
}

interface Needed {
  readonly flipped: Switch
  readonly references: readonly string[]
}

type RenderSwitch = (flipped: Switch, tolerant: boolean) => BaseSetup | undefined

/** The references of a rendering; undefined when some of them were never heard of: switches together make up new ones. */
type Shown = (view: View) => ReadonlySet<string> | undefined

function shownBy(view: View, find: FindSites, known: ReadonlySet<string>): ReadonlySet<string> | undefined {
  const sites = find(view)
  if (sites.some(({ certain, reference }) => certain && !known.has(reference))) return undefined
  return new Set(sites.map(({ reference }) => reference))
}

function cover(needed: readonly Needed[], render: RenderSwitch, shownIn: Shown): BaseSetup[] {
  const [one, ...more] = needed
  if (one === undefined) return []
  // a chart that refuses a switch shows the image all the same, in the templates that it does render
  if (more.length === 0) return [render(one.flipped, false) ?? render(one.flipped, true)].flatMap((each) => each ?? [])
  const flipped = combined(needed)
  const together = flipped && render(flipped, false)
  const shown = together && shownIn(together.base)
  if (together !== undefined && shown !== undefined) {
    const missing = needed.filter(({ references }) => !references.every((reference) => shown.has(reference)))
    if (missing.length < needed.length) return [together, ...cover(missing, render, shownIn)]
  }
  const half = Math.ceil(needed.length / 2)
  return [...cover(needed.slice(0, half), render, shownIn), ...cover(needed.slice(half), render, shownIn)]
}

/** All switches at once; undefined when two of them contradict each other. */
function combined(needed: readonly Needed[]): Switch | undefined {
  const whole = new Map<string, boolean | number | string>()
  for (const [path, value] of needed.flatMap(({ flipped }) => Object.entries(flipped))) {
    const present = whole.get(path)
    if (path === upgradeKey || (present !== undefined && present !== value)) return undefined
    whole.set(path, value)
  }
  return Object.fromEntries(whole)
}
