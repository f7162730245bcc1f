// `npm run docs` writes what the docs and schemas take from the code; `--check` compares, and checks all pages: links, paths,
// names, samples. Reads the built packages, for adapters' options come from the adapters themselves.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { root, rooms } from '../workspace/rooms.mjs'
import { adapterPageProblems, type ListedAdapter } from './adapter-pages.ts'
import { linkProblems, nameProblems, orphanProblems, pathProblems, readPages } from './checks.ts'
import { cliParts } from './cli.ts'
import { readCodes } from './codes.ts'
import { catalogueProblems, errorsPage } from './errors-page.ts'
import { fillParts, partsOf } from './markdown.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

/** Rooms whose errors no user of the CLI sees. */
const withoutPage = ['testkit']

const unbuilt = rooms().filter(({ folder }) => !existsSync(join(root, folder, 'dist', 'index.js')))
if (unbuilt.length > 0) {
  console.error(`not built: ${unbuilt.map(({ name }) => name).join(', ')}. Run npm run build first.`)
  process.exit(1)
}
const { chainSchema, loadAdapters, readAdapterPackages } = await import('@ropeway/engine')
const { optionTable } = await import('./options.ts')
const { commands } = await import('@ropeway/cli')
const { sampleProblems } = await import('./samples.ts')

const problems: string[] = []
const listed: ListedAdapter[] = []
const pages = new Map<string, string>()
const adapters = loadAdapters(readAdapterPackages(join(root, 'packages', 'cli', 'package.json')))

const codes = readCodes(
  root,
  rooms()
    .filter(({ name }) => !withoutPage.includes(name))
    .map(({ manifest, folder }) => ({ name: manifest.name, folder })),
)
problems.push(...catalogueProblems(codes))
pages.set('docs/errors.md', errorsPage(codes.uses))
const schema = await chainSchema(adapters)
pages.set('schemas/chain.schema.json', await formatted(schema))
await addParts()
if (values.check) await check()
else writePages()

for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1

/** JSON as the linter wants it. */
async function formatted(value: unknown): Promise<string> {
  const options = await resolveConfig(join(root, 'package.json'))
  return format(JSON.stringify(value), { ...options, parser: 'json' })
}

/** The parts of docs/cli.md, from the commands themselves. */
function commandParts(): Map<string, string> {
  const parts = cliParts(commands, readFileSync(join(root, 'packages', 'cli', 'src', 'results.ts'), 'utf8'))
  const used = partsOf(readFileSync(join(root, 'docs', 'cli.md'), 'utf8'))
  const absent = [...parts.keys()].filter((name) => !used.includes(name))
  problems.push(...absent.map((name) => `docs/cli.md: has no part "${name}"`))
  return parts
}

/** Fills `<!-- generated: options source oci -->` and `<!-- generated: file PATH -->` in every page. */
async function addParts(): Promise<void> {
  const tables = new Map<string, string>()
  const cli = commandParts()
  for (const { kind, name, plugin } of adapters.list()) {
    const adapter = await adapters.load(kind, name)
    if (adapter.kind === 'credentials') continue
    const options = adapter.options['~standard'].jsonSchema.input({ target: 'draft-07' })
    const folder = rooms().find(({ manifest }) => manifest.name === plugin)?.folder
    if (folder !== undefined) listed.push({ kind, name, folder, options: Object.keys(options['properties'] ?? {}) })
    const main = adapter.shorthand === undefined ? '' : ` Its main option is \`${adapter.shorthand}\`.`
    tables.set(`options ${kind} ${name}`, `${adapter.summary}${main}\n\n${optionTable(options)}`)
  }
  for (const file of globSync(['docs/**/*.md', 'packages/*/README.md', 'plugins/*/README.md', 'README.md'], {
    cwd: root,
  })) {
    const text = pages.get(file) ?? readFileSync(join(root, file), 'utf8')
    if (partsOf(text).length === 0) continue
    pages.set(
      file,
      fillParts(text, (name) => tables.get(name) ?? cli.get(name) ?? includedFile(name) ?? missing(file, name)),
    )
  }
  const chainPage = readFileSync(join(root, 'docs', 'chain.md'), 'utf8')
  const keys = Object.keys(schema['properties'] ?? {}).filter((key) => !chainPage.includes(`\n| \`${key}\` |`))
  problems.push(...keys.map((key) => `docs/chain.md: the key ${key} is not described`))
  const chain = partsOf(chainPage)
  const absent = [...tables.keys()].filter((name) => !chain.includes(name))
  problems.push(...absent.map((name) => `docs/chain.md: has no part "${name}"`))
}

function includedFile(name: string): string | undefined {
  const path = /^file (\S+)$/.exec(name)?.[1]
  if (path === undefined || !existsSync(join(root, path))) return undefined
  const language = path.slice(path.lastIndexOf('.') + 1)
  return `\`\`\`${language}\n${readFileSync(join(root, path), 'utf8').trimEnd()}\n\`\`\``
}

function missing(file: string, name: string): string {
  problems.push(`${file}: nothing makes the part "${name}"`)
  return ''
}

function writePages(): void {
  for (const [file, text] of pages) {
    const path = join(root, file)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    console.log(`wrote ${file}`)
  }
}

async function check(): Promise<void> {
  for (const [file, text] of pages) {
    const path = join(root, file)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) problems.push(`${file} is stale: run npm run docs`)
  }
  const read = readPages(root)
  const samples = await sampleProblems(read, { root, adapters, commands })
  problems.push(
    ...linkProblems(root, read),
    ...pathProblems(root, read),
    ...nameProblems(root, read),
    ...orphanProblems(read),
    ...adapterPageProblems(root, listed),
    ...samples.problems,
  )
  if (samples.checked === 0) problems.push('no sample was seen: the reader of the pages does not work')
  if (problems.length === 0)
    console.log(`${read.length} pages, ${codes.uses.length} codes, ${samples.checked} samples: all right`)
}
