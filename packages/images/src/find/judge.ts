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
  if (meaning === 'other') {
    return speaksForItself(found)
      ? suspected(
          name === ''
            ? 'it reads like a reference'
            : `it reads like a reference, and ${name} does not say that it is one`,
        )
      : undefined
  }
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

/** Behind a name for several images there may also be patterns that match images. */
function judgeAmongSeveral(found: Recognised, name: string): Judgement | undefined {
  if (!found.deep || !found.version) return undefined
  const variable = /^[A-Z0-9_]+$/.test(name) || name.startsWith('-') || /^related/i.test(name)
  return variable ? used : suspected(`${name} may list images to match, not to pull`)
}
