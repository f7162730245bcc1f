import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Json } from '@ropeway/core'
import {
  checkedValuesPath,
  packChart,
  readChartFiles,
  setValues,
  toJsonData,
  typedValue,
  type ChangedChart,
  type Value,
  type ValueChange,
} from '@ropeway/helm'
import { RopewayCommand } from '../base/command.js'
import { replaceFile } from '../base/write.js'
import * as errors from '../errors.js'
import type { SetResult } from '../results.js'

export default class Set extends RopewayCommand {
  static override summary = 'Change values of a chart in place'
  static override description =
    'Edits values.yaml by dotted paths; comments, order and quotes stay. A path below the name of a subchart is edited in the chart when it sets that value, else in the values.yaml of the subchart. A text stays a text (tag=1.10), whole numbers, true, false and null are such where the value is no text, and {…} and […] are JSON. A path that does not exist is refused.'
  static override usage = '<%= command.id %> CHART PATH=VALUE... [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop image.tag=1.2.3 replicas=3',
    '<%= config.bin %> <%= command.id %> shop-1.0.0.tgz postgresql.image.registry=harbor.corp:5000',
    '<%= config.bin %> <%= command.id %> ./shop "ingress.hosts[0].host=shop.corp" --string version=1',
  ]
  static override strict = false
  static override args = {
    chart: Args.string({ description: 'folder or archive of the chart', required: true, ignoreStdin: true }),
    values: Args.string({ description: 'what to set: PATH=VALUE, any number of them', ignoreStdin: true }),
  }
  static override flags = {
    string: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'set a text, whatever it looks like',
      helpValue: 'PATH=TEXT',
    }),
    add: Flags.boolean({ description: 'add keys that the chart does not have' }),
  }

  async run(): Promise<SetResult> {
    const { args, argv, flags } = await this.parse(Set)
    const faces = this.faces(flags)
    const given = argv.slice(1).map(String)
    const wanted = [
      ...given.map((text) => changeOf(text, false)),
      ...(flags.string ?? []).map((text) => changeOf(text, true)),
    ]
    if (wanted.length === 0) throw errors.argumentMissing('set', ['PATH=VALUE'])
    const chart = resolve(args.chart)
    const done = await setValues(await readChartFiles(chart), args.chart, wanted, { add: flags.add })
    const files = await writeChanges(chart, args.chart, done)
    const changes = done.changes.map(({ path, file, before, after }) => ({
      ...{ path, file, after },
      before: before === undefined ? undefined : toJsonData(before),
    }))
    const text = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
    this.show(
      faces,
      changes.map(
        ({ path, file, before, after }) =>
          `${faces.out.paint.green('✓')} ${path}: ${text(before)} → ${text(after)}  ${faces.out.paint.dim(file)}`,
      ),
    )
    return { chart, files, changes }
  }
}

/** Reads `PATH=VALUE`. Throws `FLAG_INVALID` and `VALUES_PATH_INVALID`. */
function changeOf(text: string, isText: boolean): ValueChange {
  const split = /(?<!\\)=/.exec(text)?.index ?? 0
  if (split < 1) throw errors.flagInvalid('set', `${text}: PATH=VALUE is expected`)
  const written = text.slice(split + 1)
  return {
    path: checkedValuesPath(text.slice(0, split)),
    value: (before) => (isText ? written : valueOf(written, before)),
  }
}

/** A text where a text was, else what helm makes of it; maps and lists are JSON. */
function valueOf(written: string, before: Value | undefined): Json {
  if (/^[{[]/.test(written)) return parsedJson(written)
  const typed = typedValue(written)
  return typeof before === 'string' && typed !== null ? written : toJsonData(typed)
}

function parsedJson(written: string): Json {
  try {
    return JSON.parse(written) as Json
  } catch (error) {
    throw errors.flagInvalid('set', `${written} is no JSON: ${error instanceof Error ? error.message : ''}`)
  }
}

/** Writes what changed of a folder, or the whole archive; gives the files. */
async function writeChanges(chart: string, name: string, { files, changed }: ChangedChart): Promise<string[]> {
  if ((await stat(chart)).isDirectory()) {
    for (const { path, bytes } of changed) await replaceFile(join(chart, path), bytes)
    return changed.map(({ path }) => join(chart, path))
  }
  if (changed.length === 0) return []
  await replaceFile(chart, (await packChart(files, name, { incomplete: true })).archive)
  return [chart]
}
