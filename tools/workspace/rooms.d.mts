/** One package or plugin of the workspace. */
export interface Room {
  readonly group: 'packages' | 'plugins'
  readonly name: string
  /** Relative to the root, such as `packages/oci`. */
  readonly folder: string
  readonly manifest: RoomManifest
  /** Folders of the rooms that it depends on. */
  readonly uses: readonly string[]
  readonly usesInTests: readonly string[]
}

/** What the tools read of a room's package.json. */
export interface RoomManifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

export const root: string
export function rooms(): Room[]
