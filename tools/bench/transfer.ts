import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage, pushFixture } from '@ropeway/testkit'
import { peersBin } from '../../e2e/src/harness/paths.ts'
import { realRegistry } from '../../e2e/src/harness/registry.ts'
import { root } from '../workspace/rooms.mjs'
import { measure, median, table, type Measured, type Program } from './measure.ts'

const MB = 1_000_000
const image = 'bench/image'
const layers = Array.from({ length: 6 }, (_, index) => ({ size: 50 * MB, seed: `bench-${String(index)}` }))

/** Where one run works: `far` has nothing yet, `folder` is the run's own. */
interface Place {
  readonly near: string
  readonly far: string
  readonly folder: string
}

interface Contestant {
  readonly name: string
  program(place: Place): Program
}

interface Task {
  readonly title: string
  readonly contestants: readonly Contestant[]
}

function peer(name: string, args: (place: Place) => string[]): Contestant[] {
  const command = join(peersBin, name)
  if (!existsSync(command)) return []
  return [{ name, program: (place) => ({ command, args: args(place), cwd: place.folder }) }]
}

/** The same work for each tool: an image into one file, that file into a registry, and from registry to registry. */
function tasks(home: string): Task[] {
  const cli = join(root, 'packages', 'cli', 'bin', 'run.js')
  const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), XDG_DATA_HOME: join(home, 'data'), NO_COLOR: '1' }
  const ropeway = (args: (place: Place) => string[]): Contestant => ({
    name: 'ropeway',
    program: (place) => ({ command: process.execPath, args: [cli, ...args(place)], env, cwd: place.folder }),
  })
  const at = (host: string) => `${host}/${image}:1`
  const plain = ['--src-tls-verify=false', '--dest-tls-verify=false']
  return [
    {
      title: 'registry → file',
      contestants: [
        ropeway(({ near }) => ['export', '--source', `oci=${at(near)}`, '-o', 'ropeway.tar']),
        ...peer('skopeo', ({ near }) => ['copy', ...plain, `docker://${at(near)}`, 'oci-archive:skopeo.tar:1']),
        ...peer('crane', ({ near }) => ['pull', '--insecure', at(near), 'crane.tar']),
      ],
    },
    {
      title: 'file → registry',
      contestants: [
        ropeway(({ far }) => ['import', join(home, 'ropeway.tar'), '--registry', far]),
        ...peer('skopeo', ({ far }) => [
          'copy',
          ...plain,
          `oci-archive:${join(home, 'skopeo.tar')}:1`,
          `docker://${at(far)}`,
        ]),
        ...peer('crane', ({ far }) => ['push', '--insecure', join(home, 'crane.tar'), at(far)]),
      ],
    },
    {
      title: 'registry → registry',
      contestants: [
        ropeway(({ near, far }) => ['run', join(home, 'mirror.json'), '--var', `near=${near}`, '--var', `far=${far}`]),
        ...peer('skopeo', ({ near, far }) => ['copy', ...plain, `docker://${at(near)}`, `docker://${at(far)}`]),
        ...peer('crane', ({ near, far }) => ['copy', '--insecure', at(near), at(far)]),
      ],
    },
  ]
}

const mirror = {
  name: 'bench',
  sources: [{ oci: { reference: `{near}/${image}:1` } }],
  transforms: [{ rewrite: { registry: '{far}' } }],
  sinks: [{ registry: {} }],
}

/** Measures export, import and mirroring of 300 MB against skopeo and crane, by turns, and prints medians and ratios. */
export async function benchTransfer(rounds: number): Promise<void> {
  if (!existsSync(join(peersBin, 'docker-registry'))) throw new Error('transfers need peers: npm run peers')
  const home = await mkdtemp(join(tmpdir(), 'ropeway-bench-'))
  const near = await realRegistry()
  try {
    await writeFile(join(home, 'mirror.json'), JSON.stringify(mirror))
    await pushFixture(near.url, await makeImage({ layers }), { repository: image, tags: ['1'] })
    const total = layers.reduce((sum, { size }) => sum + size, 0)
    for (const { title, contestants } of tasks(home)) {
      const runs = new Map(contestants.map(({ name }) => [name, [] as Measured[]]))
      for (let round = 0; round < rounds; round++) {
        for (const contestant of contestants) {
          runs.get(contestant.name)?.push(await once(contestant, { near: near.host, home, round }))
        }
      }
      console.log(table(rowsOf(title, runs, total)))
      console.log()
    }
  } finally {
    await near.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** One run in a folder of its own, against a registry that has nothing. The first one's file is kept for the next task. */
async function once(
  { name, program }: Contestant,
  { near, home, round }: { readonly near: string; readonly home: string; readonly round: number },
): Promise<Measured> {
  const far = await realRegistry()
  const folder = await mkdtemp(join(home, 'run-'))
  try {
    const measured = await measure(program({ near, far: far.host, folder }))
    const file = join(folder, `${name}.tar`)
    if (round === 0 && existsSync(file)) await copyFile(file, join(home, `${name}.tar`))
    return measured
  } finally {
    await far.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function rowsOf(title: string, runs: ReadonlyMap<string, readonly Measured[]>, bytes: number): string[][] {
  const seconds = (measured: readonly Measured[]) => median(measured.map(({ milliseconds }) => milliseconds)) / 1000
  const ours = seconds(runs.get('ropeway') ?? [])
  const rows = [...runs].map(([name, measured]) => {
    const time = seconds(measured)
    const peak = Math.max(...measured.map((each) => each.peak))
    return [
      `  ${name}`,
      `${time.toFixed(2)} s`,
      `${(bytes / MB / time).toFixed(0)} MB/s`,
      `${(peak / MB).toFixed(0)} MB`,
      (ours / time).toFixed(2),
    ]
  })
  return [[`${title}, ${(bytes / MB).toFixed(0)} MB`, 'median', 'speed', 'peak RSS', 'ropeway takes'], ...rows]
}
