import { isValueList, isValueMap, type Value } from '../construct.js'
import { wordsOf } from '../find/keys.js'
import type { Path } from '../path.js'
import { marker } from './candidates.js'

export interface Wish {
  /** A type in JSON's words, when the complaint names one. */
  readonly expected: string | undefined
  /** Texts that the value is compared with, or that the complaint offers. */
  readonly choices: readonly string[]
  readonly message: string
}

const byWord: readonly (readonly [words: RegExp, value: Value])[] = [
  [/^(?:url|uri|endpoint|issuer|endpoints)$/, `https://${marker}.example`],
  [/^(?:email|mail)$/, `${marker}@${marker}.example`],
  [/^(?:host|hostname|domain|fqdn|server|address|broker|brokers|hosts)$/, `${marker}.example`],
  [/^(?:port)$/, 8080],
  [/^(?:password|secret|token|key|passphrase)$/, `${marker}-Passw0rd-0123456789abcdef`],
  [/^(?:replicas|replica|count|size|number|instances)$/, 1],
  [/^(?:region)$/, 'us-east-1'],
  [/^(?:storage|memory|capacity|quota)$/, '1Gi'],
  [/^(?:cidr|subnet)$/, '10.0.0.0/16'],
  [/^(?:ip)$/, '10.0.0.1'],
  [/^(?:tag|version)$/, `0.0.0-${marker}`],
  [/^(?:repository|image)$/, `${marker}.example/image`],
  [/^(?:schedule|cron)$/, '0 0 * * *'],
]

/** Values for a place, the likeliest first, none that stands there already. */
export function plausible(keys: Path, now: Value | undefined, { expected, choices, message }: Wish): readonly Value[] {
  const last = String(keys.at(-1) ?? '')
  const byName = byWord.filter(([words]) => wordsOf(last).some((word) => words.test(word))).map(([, value]) => value)
  const typed: Readonly<Record<string, readonly Value[]>> = {
    string: [...choices, ...byName.filter((value) => typeof value === 'string'), marker],
    integer: [1],
    number: [1],
    boolean: [true, false],
    object: [{ [marker]: marker }, {}],
    array: [[marker], [{ name: marker }]],
  }
  const offered = [...message.matchAll(/e\.g\.,?:?\s*["'`]?([\w.:/-]+)["'`]?/g)].map(([, text = '']) => text)
  const any = (): readonly Value[] => {
    if (now === true) return [false]
    if (now === false) return [true]
    if (isValueList(now)) return now.length > 0 ? [] : [[marker], [{ name: marker }]]
    if (isValueMap(now)) return Object.keys(now).length > 0 ? [] : [{ [marker]: marker }]
    if (typeof now === 'number') return [1]
    const free = now === undefined ? [true, [marker], [{ name: marker }], { [marker]: marker }] : []
    return [...choices, ...offered, ...byName, marker, ...free]
  }
  const values = expected === undefined ? any() : (typed[expected] ?? [])
  return values.filter((value) => JSON.stringify(value) !== JSON.stringify(now))
}
