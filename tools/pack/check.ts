// `npm run pack:check`: packs every package and plugin, checks the archives (files, exports, dependencies, publint, types), and
// installs them into an empty project, where the CLI has to work. Needs a build. Ends with 1 when anything is wrong.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, rooms, type Room } from '../workspace/rooms.mjs'
import { contentProblems } from './contents.ts'
import { installationProblems } from './install.ts'
import { publintProblems, typesProblems } from './linters.ts'
import { packRooms, type Packed } from './tarballs.ts'

const all = rooms()
const unbuilt = all.filter(({ folder }) => !existsSync(join(root, folder, 'dist', 'index.js')))
if (unbuilt.length > 0) {
  console.error(
    `not built: ${unbuilt.map(({ name, group }) => `${group}/${name}`).join(', ')}. Run npm run build first.`,
  )
  process.exit(1)
}
const folder = await mkdtemp(join(tmpdir(), 'ropeway-pack-'))
try {
  process.exitCode = (await check(all)) ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function check(wanted: readonly Room[]): Promise<boolean> {
  const packed = await packRooms(wanted, folder)
  const reports: Report[] = []
  // Two at a time: each check of types is a process of its own.
  const queue = [...packed]
  await Promise.all(
    [1, 2].map(async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) reports.push(await reportOf(next))
    }),
  )
  for (const { name, files, problems } of reports.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    console.log(`${problems.length === 0 ? 'ok ' : 'BAD'} ${name} (${files} files)`)
    for (const problem of problems) console.error(`    ${problem.replaceAll('\n', '\n    ')}`)
  }
  const installed = await installationProblems(packed, join(folder, 'project'))
  console.log(`${installed.length === 0 ? 'ok ' : 'BAD'} installed into an empty project`)
  for (const problem of installed) console.error(`    ${problem}`)
  const complete = reports.length === wanted.length && wanted.length > 0
  if (!complete) console.error(`${reports.length} of ${wanted.length} rooms were checked`)
  return complete && installed.length === 0 && reports.every(({ problems }) => problems.length === 0)
}

interface Report {
  readonly name: string
  readonly files: number
  readonly problems: readonly string[]
}

async function reportOf(packed: Packed): Promise<Report> {
  const [publint, types] = await Promise.all([publintProblems(packed), typesProblems(packed)])
  const problems = [...contentProblems(packed), ...publint, ...types]
  return { name: packed.room.manifest.name, files: packed.files.length, problems }
}
