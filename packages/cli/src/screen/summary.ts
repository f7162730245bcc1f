import { isAbsolute } from 'node:path'
import { artifactKinds, type ArtifactKind } from '@ropeway/core'
import { shown } from '../text/path.js'
import { count, listed } from '../text/measure.js'
import { printableLine } from '../text/printable.js'

const nouns: Readonly<Record<ArtifactKind, readonly [string, string]>> = {
  image: ['image', 'images'],
  chart: ['chart', 'charts'],
  manifests: ['set of manifests', 'sets of manifests'],
  file: ['file', 'files'],
  artifact: ['other artifact', 'other artifacts'],
}

/** `5 images, 2 charts, 1 file`. */
export function kindsText(counts: Readonly<Partial<Record<ArtifactKind, number>>>): string {
  const parts = artifactKinds.flatMap((kind) => {
    const value = counts[kind] ?? 0
    return value === 0 ? [] : [count(value, ...nouns[kind])]
  })
  return parts.length === 0 ? 'no artifacts' : parts.join(', ')
}

export function countKinds(
  artifacts: readonly { readonly kind: ArtifactKind }[],
): Partial<Record<ArtifactKind, number>> {
  const counts: Partial<Record<ArtifactKind, number>> = {}
  for (const { kind } of artifacts) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** `linux/amd64 and linux/arm64`, or that everything stays as published. */
export function platformsText(platforms: readonly string[]): string {
  return platforms.length === 0 ? 'all platforms, as published' : listed(platforms)
}

/** `platform 1.4.74`. */
export function chainTitle({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`
}

/** `  next: COMMAND`, one line each. */
export function nextLines(commands: readonly string[]): string[] {
  return commands.map((command, index) => `${index === 0 ? '  next: ' : '        '}${command}`)
}

/** Where something is, for people: a path relative to the folder that they are in, when it is below. */
export function placeText(location: string): string {
  return printableLine(isAbsolute(location) ? shown(location) : location)
}
