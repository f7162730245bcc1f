import type { Platform } from '@ropeway/core'
import { platformInvalid } from './errors.js'

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
}

/** What an architecture means when no variant is written. */
const defaultVariants: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' }

/** Reads `os/architecture[/variant]`, and `os(version)/…` as containerd writes Windows. Throws `PLATFORM_INVALID`. */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9]+)(?:\(([0-9A-Za-z._-]+)\))?\/([a-z0-9_-]+)(?:\/([a-z0-9.]+))?$/i.exec(text.trim())
  if (match === null) throw platformInvalid(text)
  const [, os = '', version, architecture = '', variant] = match
  const lower = architecture.toLowerCase()
  return {
    os: os.toLowerCase(),
    architecture: architectures[lower] ?? lower,
    ...(variant === undefined ? {} : { variant: variant.toLowerCase() }),
    ...(version === undefined ? {} : { 'os.version': version }),
  }
}

/** `os/architecture[/variant]`, with the version of Windows after the system: `windows(10.0.20348.1)/amd64`. */
export function formatPlatform(platform: Platform): string {
  const version = platform['os.version'] ? `(${platform['os.version']})` : ''
  const variant = platform.variant ? `/${platform.variant}` : ''
  return `${platform.os}${version}/${platform.architecture}${variant}`
}

/**
 * Whether what runs on `have` is what `wanted` asks for. Variants must agree, where none means `v8` of arm64, `v7` of arm and
 * `v1` of amd64; a version of the system must agree only when it is asked for.
 */
export function matchesPlatform(wanted: Platform, have: Platform): boolean {
  return (
    wanted.os === have.os &&
    wanted.architecture === have.architecture &&
    variantOf(wanted) === variantOf(have) &&
    (wanted['os.version'] === undefined || wanted['os.version'] === have['os.version'])
  )
}

function variantOf({ architecture, variant }: Platform): string {
  return variant || (defaultVariants[architecture] ?? '')
}
