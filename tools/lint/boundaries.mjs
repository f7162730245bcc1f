// Checks the import directions of the house (docs/architecture.md) with dependency-cruiser, and that it saw every module:
// a cruiser that resolves nothing finds no violation either. `--root DIR` checks another tree: the test of this check.
import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { cruise } from 'dependency-cruiser'
import { root as workspace } from '../workspace/rooms.mjs'

/** The plan's arrows. Whoever may import a room may import what that room may. */
const arrows = {
  core: [],
  oci: ['core'],
  bundle: ['oci'],
  distribution: ['oci'],
  gotemplate: [],
  helm: ['gotemplate', 'distribution'],
  images: ['helm'],
  engine: ['images', 'bundle', 'distribution'],
  'registry-server': ['bundle', 'oci'],
  testkit: ['core', 'oci', 'registry-server'],
  cli: ['engine', 'registry-server'],
}

function reach(room, seen = new Set()) {
  for (const next of arrows[room] ?? []) {
    if (seen.has(next)) continue
    seen.add(next)
    reach(next, seen)
  }
  return seen
}

const tests = '\\.(test|fixture)\\.ts$'

function rules(plugins) {
  const rooms = Object.keys(arrows)
  const others = (allowed, own) => rooms.filter((room) => room !== own && !allowed.has(room))
  const forbid = (name, from, to) => ({ name, severity: 'error', from, to })
  const made = [
    forbid('no-cycle', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    forbid('no-unresolved', {}, { couldNotResolve: true }),
  ]
  for (const room of rooms) {
    const here = `^packages/${room}/`
    const allowed = reach(room)
    const forTests = new Set([...allowed, 'testkit', ...reach('testkit')])
    made.push(
      forbid(
        `${room}-arrows`,
        { path: here, pathNot: tests },
        { path: `^packages/(${others(allowed, room).join('|')})/` },
      ),
      forbid(
        `${room}-test-arrows`,
        { path: `${here}.*${tests}` },
        { path: `^packages/(${others(forTests, room).join('|') || '-'})/` },
      ),
      forbid(`${room}-no-plugin`, { path: here }, { path: '^plugins/' }),
      forbid(`${room}-by-name`, { path: here }, { path: '^packages/(?!' + room + '/)[^/]+/src/(?!index\\.ts$)' }),
    )
  }
  for (const plugin of plugins) {
    const here = `^plugins/${plugin}/`
    made.push(
      forbid(
        `plugin-${plugin}-rooms`,
        { path: here, pathNot: tests },
        { path: '^packages/(cli|engine|testkit|registry-server)/' },
      ),
      forbid(`plugin-${plugin}-no-cli`, { path: here }, { path: '^packages/cli/' }),
      forbid(`plugin-${plugin}-alone`, { path: here }, { path: `^plugins/(?!${plugin}/)` }),
      forbid(`plugin-${plugin}-by-name`, { path: here }, { path: '^packages/[^/]+/src/(?!index\\.ts$)' }),
    )
  }
  return made
}

const { values } = parseArgs({ options: { root: { type: 'string', default: workspace } } })
process.chdir(values.root)
const files = globSync('{packages,plugins}/*/src/**/*.ts').sort()
const plugins = [...new Set(files.filter((file) => file.startsWith('plugins/')).map((file) => file.split('/')[1]))]
const strangers = [
  ...new Set(files.filter((file) => file.startsWith('packages/')).map((file) => file.split('/')[1])),
].filter((room) => !(room in arrows))
const result = await cruise(
  files,
  {
    ruleSet: { forbidden: rules(plugins) },
    validate: true,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    combinedDependencies: true,
  },
  {
    conditionNames: ['@ropeway/source', 'node', 'import', 'types', 'default'],
    exportsFields: ['exports'],
    extensions: ['.ts', '.js', '.mjs', '.json'],
    extensionAlias: { '.js': ['.ts', '.js'] },
  },
)
const { modules, summary } = result.output
const seen = new Set(modules.map(({ source }) => source))
const unseen = files.filter((file) => !seen.has(file))
const arrowsSeen = modules.flatMap(({ source, dependencies }) =>
  dependencies.filter(({ resolved }) => /^packages\//.test(resolved) && dirname(resolved) !== dirname(source)),
)
/** Functions of one folder may call each other in circles (a parser does); folders and rooms may not. */
const withinFolder = ({ rule, from, cycle = [] }) =>
  rule.name === 'no-cycle' && cycle.every(({ name }) => dirname(name) === dirname(from))
const violations = summary.violations.filter((violation) => !withinFolder(violation))
const problems = [
  ...strangers.map((room) => `packages/${room} has no arrows in ${basename(import.meta.url)}: add it to the plan`),
  ...unseen.map((file) => `${file} was not seen`),
  ...violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
]
if (arrowsSeen.length === 0) problems.push('no import between rooms was seen: the resolver does not work')
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`${files.length} modules seen, ${arrowsSeen.length} imports across folders, no violation`)
