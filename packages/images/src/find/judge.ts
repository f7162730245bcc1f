import { meaningOf, namesImage } from './keys.js'
import { speaksForItself, type Recognised } from './recognise.js'

export interface Judgement {
  readonly class: 'used' | 'suspected'
  readonly reason?: string | undefined
}

const used: Judgement = { class: 'used' }

function suspected(reason: string): Judgement {
  return { class: 'suspected', reason }
}

/**
 * How sure it is that a text that reads like a reference is one, by the name that it goes by (a field, flag or variable).
 * `loose` is for names that were guessed from free text. `undefined`: it is none.
 */
export function judge(found: Recognised, name: string, loose = false): Judgement | undefined {
  const meaning = meaningOf(name)
  if (meaning === 'images') return judgeAmongSeveral(found, name)
  if (meaning === 'other') return judgeByItself(found, name, loose)
  const exact = namesImage(name)
  if (found.pinned && found.deep) {
    return exact || found.version ? used : suspected(`its tag is no version, and ${name} may be no image`)
  }
  if (found.pinned) {
    if (!found.version) return undefined
    return exact && !loose ? used : suspected(`it is a short name, and ${name} may be no image`)
  }
  if (!found.deep) return undefined
  const [, ...path] = found.reference.split('/')
  if (found.hosted ? path.length > 1 || speaksForItself(found) : exact)
    return suspected('it has no tag: something adds one, or "latest" is meant')
  return undefined
}

/** A program that is given a version at a registry for images will pull it, whatever its flag or variable is called. */
function judgeByItself(found: Recognised, name: string, loose: boolean): Judgement | undefined {
  if (!speaksForItself(found)) return undefined
  if (name === '') return suspected('it reads like a reference')
  const given = !loose && (name.startsWith('-') || isVariable(name))
  if (given && found.known && found.version && found.start === 0) return used
  return suspected(`it reads like a reference, and ${name} does not say that it is one`)
}

function isVariable(name: string): boolean {
  return /^[A-Z0-9_]+$/.test(name)
}

/** Behind a name for several images there may also be patterns that match images. */
function judgeAmongSeveral(found: Recognised, name: string): Judgement | undefined {
  if (!found.deep || !found.version) return undefined
  const variable = isVariable(name) || name.startsWith('-') || /^related/i.test(name)
  return variable ? used : suspected(`${name} may list images to match, not to pull`)
}
