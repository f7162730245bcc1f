// What must hold for the files of one packed room.
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { z } from 'zod'
import type { Packed } from './tarballs.ts'

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string().min(1),
  keywords: z.array(z.string()).min(1),
  license: z.literal('Apache-2.0'),
  type: z.literal('module'),
  sideEffects: z.literal(false),
  engines: z.object({ node: z.string() }),
  publishConfig: z.object({ access: z.literal('public') }),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  bin: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  oclif: z
    .object({
      commands: z.string().optional(),
      plugins: z.array(z.string()).default([]),
      ropeway: z
        .object({
          adapters: z.array(z.object({ kind: z.string(), name: z.string(), module: z.string(), export: z.string() })),
        })
        .optional(),
    })
    .optional(),
})
type Manifest = z.infer<typeof Manifest>

/** Everything that is wrong with a packed room, one sentence each. */
export function contentProblems({ room, unpacked, files }: Packed): string[] {
  const read = Manifest.safeParse(JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')))
  if (!read.success) return [`package.json: ${z.prettifyError(read.error)}`]
  const manifest = read.data
  const has = new Set(files)
  const entries = entriesOf(manifest, files)
  const absent = entries
    .filter(({ path }) => !has.has(path))
    .map(({ path, by }) => `${by} names ${path}, which is not in the package`)
  const scripts = files.filter((file) => /\.(js|d\.ts)$/.test(file) && /^(dist|bin)\//.test(file))
  const stale = scripts.filter((file) => file.startsWith('dist/') && !has.has(sourceOf(file)))
  const reached = reachable(
    unpacked,
    entries.map(({ path }) => path).filter((path) => has.has(path)),
    has,
  )
  return [
    ...absent,
    ...(has.has('LICENSE') ? [] : ['there is no LICENSE']),
    ...files.filter((file) => strayFile.test(file)).map((file) => `${file} does not belong into a package`),
    ...listed('leftovers, whose sources are gone (remove dist and build anew)', stale),
    ...listed(
      'nothing that is exported reaches',
      scripts.filter((file) => !reached.files.has(file) && !stale.includes(file)),
    ),
    ...dependencyProblems(manifest, reached.packages),
    ...(room.group === 'plugins' ? pluginProblems(manifest) : []),
  ]
}

/** One sentence about all these modules. */
function listed(what: string, scripts: readonly string[]): string[] {
  const modules = new Set(scripts.map((file) => file.replace(/(\.d)?\.(js|ts)$/, '')))
  return modules.size === 0 ? [] : [`${what}: ${[...modules].join(', ')}`]
}

const strayFile =
  /\.tsbuildinfo$|\.(test|fixture)\.|(^|\/)(test|testdata|__snapshots__|node_modules)\/|^\.|tsconfig|vitest/

/** Paths that the manifest names, and who names them. */
function entriesOf(manifest: Manifest, files: readonly string[]): { path: string; by: string }[] {
  const plain = (path: string) => normalize(path).replaceAll('\\', '/')
  const exported = Object.entries(manifest.exports).flatMap(([key, target]) =>
    (typeof target === 'string' ? [target] : Object.values(target)).map((path) => ({
      path: plain(path),
      by: `exports["${key}"]`,
    })),
  )
  const bins = Object.entries(manifest.bin).map(([name, path]) => ({ path: plain(path), by: `bin.${name}` }))
  const adapters = (manifest.oclif?.ropeway?.adapters ?? []).map(({ name, module }) => ({
    path: plain(module),
    by: `adapter ${name}`,
  }))
  const commands = manifest.oclif?.commands
  const folder = commands === undefined ? undefined : `${plain(commands)}/`
  const classes =
    folder === undefined
      ? []
      : files.filter((file) => file.startsWith(folder) && /(?<!\.d)\.(js|ts)$|\.d\.ts$/.test(file))
  return [
    ...exported,
    ...bins,
    ...adapters,
    ...classes.map((path) => ({ path, by: 'oclif.commands' })),
    ...(folder === undefined ? [] : [{ path: 'oclif.manifest.json', by: 'oclif' }]),
  ]
}

/** `dist/a/b.d.ts` → `src/a/b.ts` */
function sourceOf(file: string): string {
  return file.replace(/^dist\//, 'src/').replace(/(\.d)?\.(js|ts)$/, '.ts')
}

/** Files that entries lead to by relative imports, and packages that they import. */
function reachable(
  unpacked: string,
  entries: readonly string[],
  has: ReadonlySet<string>,
): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>()
  const packages = new Set<string>()
  const queue = [...entries]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file) || !/\.(js|ts)$/.test(file)) continue
    files.add(file)
    // A module and its declarations belong together, though one may hold types alone.
    const twin = file.endsWith('.d.ts') ? file.replace(/\.d\.ts$/, '.js') : file.replace(/\.js$/, '.d.ts')
    if (has.has(twin)) queue.push(twin)
    for (const specifier of importsOf(unpacked, file)) {
      if (!specifier.startsWith('.')) packages.add(packageOf(specifier))
      else {
        const target = normalize(join(dirname(file), specifier)).replaceAll('\\', '/')
        queue.push(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target)
      }
    }
  }
  return { files, packages }
}

function importsOf(unpacked: string, file: string): string[] {
  // Sources are exported under a condition of our own: their imports are those of dist.
  if (file.startsWith('src/')) return []
  let text: string
  try {
    text = readFileSync(join(unpacked, file), 'utf8')
  } catch {
    return []
  }
  // what threads run is named by its address beside the module
  const scripts = [...text.matchAll(/new URL\('(\.[^']+\.js)', import\.meta\.url\)/g)].map(([, path = '']) => path)
  return [...ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName), ...scripts]
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return 'node:'
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function dependencyProblems({ name, dependencies, oclif }: Manifest, imported: ReadonlySet<string>): string[] {
  const declared = new Set(Object.keys(dependencies))
  const used = new Set([...imported, ...(oclif?.plugins ?? [])])
  used.delete('node:')
  used.delete(name)
  return [
    ...[...used].filter((each) => !declared.has(each)).map((each) => `imports ${each}, which is no dependency`),
    ...[...declared].filter((each) => !used.has(each)).map((each) => `depends on ${each}, which nothing imports`),
  ]
}

function pluginProblems({ keywords, oclif }: Manifest): string[] {
  return [
    ...['ropeway-plugin', 'oclif-plugin']
      .filter((word) => !keywords.includes(word))
      .map((word) => `lacks the keyword ${word}`),
    ...((oclif?.ropeway?.adapters ?? []).length === 0 ? ['lists no adapter under oclif.ropeway'] : []),
  ]
}
