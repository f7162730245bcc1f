import { GoMap, fromBytes, mapType } from '@ropeway/gotemplate'
import { trimSpace } from '../functions/strings.js'
import { HelmError } from '../helm-error.js'
import { parseJson } from '../yaml/from-json.js'
import { mismatch } from '../yaml/from-yaml.js'
import { mergeMaps } from './coalesce.js'
import { readValues } from './documents.js'
import type { ValueOrigin } from './origin.js'
import { applySet, type SetKind } from './strvals.js'

/** A values file that is read already. */
export interface ValuesFile {
  /** As messages call it. */
  readonly name: string
  readonly content: Uint8Array | string
}

/** What the user sets, in Helm's order of precedence from low to high. */
export interface UserValues {
  readonly files?: readonly ValuesFile[] | undefined
  /** `--set-json` */
  readonly setJson?: readonly string[] | undefined
  /** `--set` */
  readonly set?: readonly string[] | undefined
  /** `--set-string` */
  readonly setString?: readonly string[] | undefined
  /** `--set-file`; the files are read by `readFile`. */
  readonly setFile?: readonly string[] | undefined
  /** `--set-literal` */
  readonly setLiteral?: readonly string[] | undefined
  readonly readFile?: ((path: string) => string) | undefined
}

const flags: Readonly<Record<SetKind, string>> = {
  json: '--set-json',
  typed: '--set',
  string: '--set-string',
  file: '--set-file',
  literal: '--set-literal',
}

/** The user's values, merged. `note` is told after each step what has added to them, and may change them. Throws `HelmError`. */
export function mergeUserValues(
  user: UserValues,
  note: (values: GoMap, origin: ValueOrigin) => void = () => undefined,
): GoMap {
  let values = new GoMap(mapType, new Map())
  for (const { name, content } of user.files ?? []) {
    values = mergeMaps(values, named(name, typeof content === 'string' ? content : fromBytes(content)))
    note(values, { from: 'file', name })
  }
  for (const [kind, texts] of flagsOf(user)) {
    for (const argument of texts) {
      const object = kind === 'json' ? trimSpace(argument) : ''
      if (object.startsWith('{')) values = mergeMaps(values, jsonObject(object, argument))
      else apply(values, argument, kind, kind === 'file' ? user.readFile : undefined)
      note(values, { from: 'set', flag: flags[kind], argument })
    }
  }
  return values
}

/** What flags set, from low to high precedence. */
function flagsOf({ setJson, set, setString, setFile, setLiteral }: UserValues): [SetKind, readonly string[]][] {
  return [
    ['json', setJson ?? []],
    ['typed', set ?? []],
    ['string', setString ?? []],
    ['file', setFile ?? []],
    ['literal', setLiteral ?? []],
  ]
}

function named(name: string, text: string): GoMap {
  try {
    return readValues(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new HelmError(`failed to parse ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function jsonObject(text: string, argument: string): GoMap {
  try {
    const value = parseJson(text)
    if (!(value instanceof GoMap)) throw new HelmError(mismatch(value, 'map[string]interface {}'))
    return value
  } catch (error) {
    throw new HelmError(`failed parsing --set-json data JSON: ${argument}`, { cause: error })
  }
}

function apply(values: GoMap, text: string, kind: SetKind, readFile?: (path: string) => string): void {
  try {
    applySet(values, text, kind, readFile)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (kind === 'json') throw new HelmError(`failed parsing --set-json data ${text}`, { cause: error })
    throw new HelmError(`failed parsing ${flags[kind]} data: ${error.message}`)
  }
}
