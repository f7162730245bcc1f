import { readFile } from 'node:fs/promises'
import type { Context, Json } from '@ropeway/core'
import { parseValuesPath, type ValuesEdit } from '@ropeway/helm'
import { parse } from 'yaml'
import { z } from 'zod'
import { overlayFileUnreadable } from '../errors.js'
import { listOf, type OverlayOptions } from './options.js'

const Values = z.record(z.string(), z.json())

/** The values of an overlay as single edits; those of files leaf by leaf, lists whole. Throws `OVERLAY_FILE_UNREADABLE`. */
export async function valueEdits(
  values: OverlayOptions['values'],
  context: Pick<Context, 'resolvePath'>,
): Promise<ValuesEdit[]> {
  if (values === undefined) return []
  if (typeof values === 'object' && !Array.isArray(values)) {
    return Object.entries(values).map(([path, value]) => ({ path: parseValuesPath(path), value }))
  }
  const edits: ValuesEdit[] = []
  for (const path of listOf(values)) edits.push(...leavesOf(await readValuesFile(path, context)))
  return edits
}

async function readValuesFile(
  path: string,
  { resolvePath }: Pick<Context, 'resolvePath'>,
): Promise<z.output<typeof Values>> {
  try {
    return Values.parse(parse(await readFile(resolvePath(path), 'utf8'), { version: '1.1', merge: true }) ?? {})
  } catch (error) {
    throw overlayFileUnreadable(path, error)
  }
}

function* leavesOf(value: Json, path: readonly string[] = []): Generator<ValuesEdit> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) yield { path, value }
  else if (Object.keys(value).length === 0 && path.length > 0) yield { path, value }
  else for (const [key, item] of Object.entries(value)) yield* leavesOf(item, [...path, key])
}
