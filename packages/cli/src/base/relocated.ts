import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { proofMarkdown, type Proof } from '@ropeway/images'
import * as errors from '../errors.js'
import { shown } from '../text/path.js'

/** What becomes of one chart. */
export interface RelocatedChart {
  readonly archive: Uint8Array
  /** The text of values.yaml. */
  readonly overlay: string
  readonly proof: Proof
}

/**
 * Writes the files of a relocated chart into a folder, all or none: the archive, values.yaml, proof.json and proof.md; of one that is not
 * proved the proof alone, unless `allowed`. Files of an earlier run that do not belong there any more go. Returns their names.
 * Throws `FILE_NOT_WRITABLE`.
 */
export async function writeRelocated(chart: RelocatedChart, directory: string, allowed: boolean): Promise<string[]> {
  const { proof } = chart
  const name = `${proof.chart}-${proof.version}.tgz`
  const whole: readonly (readonly [string, string | Uint8Array])[] = [
    [name, chart.archive],
    ['values.yaml', chart.overlay],
  ]
  const always = [
    ['proof.json', `${JSON.stringify(proof, null, 2)}\n`],
    ['proof.md', proofMarkdown(proof)],
  ] as const
  const files = proof.proved || allowed ? [...whole, ...always] : always
  let temporary: string | undefined
  try {
    await mkdir(directory, { recursive: true })
    temporary = await mkdtemp(join(directory, '.relocate-'))
    for (const [file, content] of files) await writeFile(join(temporary, file), content)
    for (const [file] of whole) await rm(join(directory, file), { force: true })
    for (const [file] of files) await rename(join(temporary, file), join(directory, file))
  } catch (error) {
    throw errors.fileNotWritable(shown(directory), error)
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
  }
  return files.map(([file]) => file)
}
