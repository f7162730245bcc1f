// Packs every room as `npm publish` would, and opens the archives.
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { root, type Room } from '../workspace/rooms.mjs'

const run = promisify(execFile)

/** A room as it would be published. */
export interface Packed {
  readonly room: Room
  /** Absolute path of the archive. */
  readonly tarball: string
  /** Folder with the archive's content. */
  readonly unpacked: string
  /** Paths in the package, sorted. */
  readonly files: readonly string[]
}

const Answer = z.array(
  z.object({ name: z.string(), filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
)

/** Runs npm with its caches as they are, and without what a run of npm tells its children. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(cache|registry|userconfig))/i.test(name),
  )
  const { stdout } = await run('npm', args, { cwd, env: Object.fromEntries(kept), maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** One run of npm for all rooms. */
export async function packRooms(rooms: readonly Room[], folder: string): Promise<Packed[]> {
  const names = rooms.flatMap(({ manifest }) => ['-w', manifest.name])
  const options = ['--json', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const stdout = await npm(['pack', ...names, ...options], root)
  const answers = Answer.parse(
    Object.values(z.record(z.string(), z.unknown()).or(z.array(z.unknown())).parse(JSON.parse(stdout))),
  )
  return Promise.all(
    rooms.map(async (room) => {
      const answer = answers.find(({ name }) => name === room.manifest.name)
      if (answer === undefined) throw new TypeError(`npm packed no ${room.manifest.name}`)
      const tarball = join(folder, answer.filename)
      const unpacked = join(folder, room.group, room.name)
      await mkdir(unpacked, { recursive: true })
      await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1'])
      return { room, tarball, unpacked, files: answer.files.map(({ path }) => path).sort() }
    }),
  )
}
