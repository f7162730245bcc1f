import fc from 'fast-check'
import { yamlSafe } from './batch.ts'
import type { Trial } from './trial.ts'

interface Entry {
  readonly name: string
  readonly version: string
  readonly alias?: string | undefined
  readonly condition?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly 'import-values'?: readonly unknown[] | undefined
}

interface Tree {
  readonly name: string
  readonly version: string
  readonly library: boolean
  readonly entries: readonly Entry[] | undefined
  readonly values: Readonly<Record<string, unknown>>
  readonly charts: readonly Tree[]
}

const names = ['web', 'db', 'lib'] as const
const aliases = ['web', 'one', 'two', 'db'] as const
const keys = fc.constantFrom('a', 'b', 'c', 'global', 'exports', 'tags', 'enabled', ...names, 'one', 'two')
const tags = ['front', 'back'] as const

const leaf = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('x', 'y', '') },
  { weight: 3, arbitrary: fc.boolean() },
  { weight: 2, arbitrary: fc.integer({ min: -2, max: 1_000_000 }) },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom('x', 1, null, false), { maxLength: 2 }) },
)

/** Values with the keys that charts give a meaning; a key that is a chart's name or `global` mostly has a map. */
function valuesOf(depth: number): fc.Arbitrary<Record<string, unknown>> {
  const inner = depth <= 0 ? fc.constant({}) : fc.oneof(valuesOf(depth - 1), fc.constant({}))
  const entry = keys.chain((key) => {
    const map = key.length > 1 && key !== 'enabled'
    const value = fc.oneof({ weight: map ? 14 : 2, arbitrary: inner }, { weight: map ? 1 : 4, arbitrary: leaf })
    return fc.tuple(fc.constant(key), key === 'tags' ? fc.oneof(tagValues, value) : value)
  })
  return fc.array(entry, { maxLength: 5 }).map((entries) => Object.fromEntries(entries))
}

const tagValues = fc.dictionary(fc.constantFrom(...tags), fc.oneof(fc.boolean(), fc.constantFrom('true', null)), {
  maxKeys: 2,
})
const dotted = fc.constantFrom('a', 'b', 'a.b', 'global', 'exports', 'web', 'one.a', 'exports.a', 'c.a.b')
const imported = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'a.b'),
  fc.record({ child: dotted, parent: fc.oneof(dotted, fc.constant('.')) }),
)
const condition = fc.oneof(
  fc.constantFrom(
    'a',
    'enabled',
    'web.enabled',
    'one.enabled',
    'db.a,web.enabled',
    'global.a',
    'web.db.enabled',
    ' a ',
    'a, b',
    'tags.front',
  ),
  fc.tuple(fc.constantFrom('db', 'two'), fc.constantFrom('enabled', 'b')).map((parts) => parts.join('.')),
)

function sometimes<T>(arbitrary: fc.Arbitrary<T>, weight = 2): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight, arbitrary })
}

/** What a chart says of one that lies below it: once or, under aliases, several times. */
function entriesFor({ name, version }: Tree): fc.Arbitrary<Entry[]> {
  const entry = fc.record({
    name: fc.constant(name),
    version: fc.constantFrom(version, version, version, '*', '>=0.1.0', '2.x'),
    alias: sometimes(fc.constantFrom(...aliases)),
    condition: sometimes(condition),
    tags: sometimes(fc.subarray([...tags])),
    'import-values': sometimes(fc.array(imported, { minLength: 1, maxLength: 2 }), 3),
  })
  return fc.array(entry, { minLength: 0, maxLength: 2 })
}

/** Mostly without a name that is taken, which is refused. */
function declared(entries: readonly Entry[]): readonly Entry[] | undefined {
  const byName = new Map(entries.map((entry) => [entry.alias ?? entry.name, entry]))
  if (entries.length === 0) return undefined
  return entries.length === 4 ? entries : [...byName.values()]
}

function tree(name: string, depth: number): fc.Arbitrary<Tree> {
  const below =
    depth <= 0
      ? fc.constant<Tree[]>([])
      : fc
          .subarray([...names], { maxLength: 2 })
          .chain((chosen) => fc.tuple<Tree[]>(...chosen.map((inner) => tree(inner, depth - 1))))
  return below.chain((charts) =>
    fc.record({
      name: fc.constant(name),
      version: fc.constantFrom('0.1.0', '1.2.3'),
      library: fc.constant(name === 'lib'),
      entries: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.tuple(...charts.map(entriesFor)).map((all) => declared(all.flat())),
        },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
      values: valuesOf(3),
      charts: fc.constant(charts),
    }),
  )
}

const shown = `{{- define "NAME.lib" }}{{ .Chart.Name }} {{ .Values | toJson }}{{ end -}}
path: {{ .Template.BasePath }}
chart: {{ .Chart.Name }} {{ .Chart.Version }} {{ .Chart.IsRoot }} {{ .Chart.Type }}
values: {{ .Values | toJson | quote }}
below: {{ range $name, $sub := .Subcharts }}{{ $name }}={{ $sub.Chart.Name }} {{ $sub.Values | toJson }};{{ end }}
lib: {{ include "NAME.lib" . | quote }}
`

/** The files of a chart and of those below it. */
function filesOf({ name, version, library, entries, values, charts }: Tree, folder = ''): Record<string, string> {
  const definition = { apiVersion: 'v2', name, version, type: library ? 'library' : undefined, dependencies: entries }
  const files: Record<string, string> = {
    [`${folder}Chart.yaml`]: JSON.stringify(definition),
    [`${folder}values.yaml`]: yamlSafe(values),
    [`${folder}templates/all.yaml`]: shown.replaceAll('NAME', name),
  }
  return Object.assign(files, ...charts.map((chart) => filesOf(chart, `${folder}charts/${chart.name}/`))) as Record<
    string,
    string
  >
}

const setPath = fc.array(keys, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'))
const set = fc
  .tuple(setPath, fc.constantFrom('x', 'true', 'false', 'null', '3', ''))
  .map(([to, value]) => `${to}=${value}`)

/** A random tree of charts, a values file and flags. */
export const trees: fc.Arbitrary<Trial> = fc
  .tuple(tree('top', 2), sometimes(valuesOf(3), 3), fc.array(set, { maxLength: 2 }))
  .map(([root, file, flags]) => {
    const content = file === undefined ? undefined : yamlSafe(file)
    const files = filesOf(root)
    if (content !== undefined) files['user.yaml'] = content
    return {
      files,
      options: {
        values: { files: content === undefined ? [] : [{ name: 'user.yaml', content }], set: flags },
      },
      args: [...(content === undefined ? [] : ['-f', 'user.yaml']), ...flags.map((text) => `--set=${text}`)],
    }
  })
