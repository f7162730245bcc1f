import { formatPlatform } from '@ropeway/oci'
import type { Chain, Step } from '../chain/chain.js'
import * as errors from '../errors.js'
import { stepsOf, type Lock } from './lock.js'

/**
 * Throws `LOCK_DRIFT`, naming all that moved, unless the chain and the local files that it reads are what the lock was made from.
 * `inputs` is what the sources say of their local files now.
 */
export function refuseDrift(chain: Chain, inputs: Lock['inputs'], lock: Lock, lockFile?: string): void {
  const moved: string[] = []
  const compare = (what: string, locked: string, now: string) => {
    if (locked !== now) moved.push(`${what} was ${locked || 'none'}, is ${now || 'none'}`)
  }
  compare('the name', lock.chain.name, chain.name)
  compare('the version', lock.chain.version, chain.version)
  compare('platforms', lock.platforms.join(','), chain.platforms.map(formatPlatform).join(','))
  moved.push(...movedSteps(chain, lock), ...movedInputs(inputs, lock.inputs))
  if (moved.length > 0) throw errors.lockDrift(moved, lockFile)
}

function movedSteps(chain: Chain, lock: Lock): string[] {
  const now = stepsOf(chain)
  const all = [...chain.sources, ...chain.transforms, chain.discover]
  const steps = new Map<string, Pick<Step, 'id' | 'place'>>(all.map((step) => [step.id, step]))
  const moved: string[] = []
  for (const id of new Set([...Object.keys(lock.steps), ...Object.keys(now)])) {
    const locked = lock.steps[id]
    const present = now[id]
    const place = steps.get(id)?.place
    const where = place === undefined ? '' : ` (${place})`
    if (locked === undefined && present !== undefined) moved.push(`${called(id, present.adapter)}${where} was added`)
    else if (present === undefined && locked !== undefined) moved.push(`${called(id, locked.adapter)} was removed`)
    else if (locked?.adapter !== present?.adapter)
      moved.push(`${id}${where} was ${locked?.adapter}, is ${present?.adapter}`)
    else if (locked?.options !== present?.options)
      moved.push(`${called(id, present?.adapter)}${where} has other options`)
  }
  return moved
}

/** `sources[0] helm`; the step `discover` is called by its name alone. */
function called(id: string, adapter = ''): string {
  return id === adapter ? id : `${id} ${adapter}`
}

function movedInputs(now: Lock['inputs'], locked: Lock['inputs']): string[] {
  const moved: string[] = []
  for (const step of new Set([...Object.keys(now), ...Object.keys(locked)])) {
    const files = new Set([...Object.keys(now[step] ?? {}), ...Object.keys(locked[step] ?? {})])
    for (const file of [...files].sort()) {
      const before = locked[step]?.[file]
      const after = now[step]?.[file]
      if (before === after) continue
      moved.push(
        before === undefined ? `${file} was added` : after === undefined ? `${file} is gone` : `${file} changed`,
      )
    }
  }
  return moved
}
