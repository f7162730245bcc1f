import type { RopewayError } from '@ropeway/core'
import { formatPath, parseImageList, type DiscoveredImage, type Discovery } from '@ropeway/images'
import { formatReference, parseReference, withDefaultTag } from '@ropeway/oci'
import type { ImageResult, ImagesResult, UnresolvedResult } from '../results.js'

/** Images of several targets, each reference once, in its strongest class. */
export interface Collected {
  readonly images: readonly ImageResult[]
  readonly unresolved: readonly UnresolvedResult[]
  readonly filled: ImagesResult['filled']
  readonly warnings: readonly string[]
}

const ranks: Readonly<Record<ImageResult['class'], number>> = { used: 0, optional: 1, suspected: 2 }

export function collect(found: readonly { readonly target: string; readonly discovery: Discovery }[]): Collected {
  const images = new Map<string, ImageResult>()
  for (const { target, discovery } of found) {
    for (const image of discovery.images) put(images, resultOf(target, image))
  }
  return {
    images: sorted(images.values()),
    unresolved: found.flatMap(({ target, discovery }) =>
      discovery.unresolved.map(({ template, object, path, reference, reason }) => ({
        ...{ target, template, object, path: formatPath(path), value: reference, reason },
      })),
    ),
    filled: found.flatMap(({ target, discovery: { filled } }) =>
      Object.keys(filled).length === 0 ? [] : [{ target, values: filled }],
    ),
    warnings: found.flatMap(({ discovery }) => discovery.warnings),
  }
}

function put(images: Map<string, ImageResult>, image: ImageResult): void {
  const present = images.get(image.reference)
  if (present === undefined) images.set(image.reference, image)
  else {
    const [first, second] = ranks[image.class] < ranks[present.class] ? [image, present] : [present, image]
    images.set(image.reference, { ...first, provenance: [...first.provenance, ...second.provenance] })
  }
}

function resultOf(target: string, image: DiscoveredImage): ImageResult {
  const { provenance, ...head } = image
  return {
    ...head,
    provenance: provenance.map(({ chart, template, line, object, path, inner, place, values }) => ({
      ...{ target, chart: chart === '' ? undefined : chart, template, line, object, path: formatPath(path) },
      ...{ inner: inner === undefined ? undefined : formatPath(inner), place, values },
    })),
  }
}

function sorted(images: Iterable<ImageResult>): ImageResult[] {
  return [...images].sort((one, other) => (one.reference < other.reference ? -1 : 1))
}

/** The images with those of a list, which count as used. */
export function withList(
  collected: Collected,
  text: string,
  file: string,
): { readonly collected: Collected; readonly invalid: readonly RopewayError[] } {
  const list = parseImageList(text, file)
  const images = new Map(collected.images.map((image) => [image.reference, image]))
  for (const { text: reference, line } of list.images) {
    put(images, {
      ...{ reference, class: 'used' },
      provenance: [{ target: file, template: file, line, path: '', place: 'list', values: [] }],
    })
  }
  return { collected: { ...collected, images: sorted(images.values()) }, invalid: list.invalid }
}

/** Those that are printed: used ones, and what else was asked for. */
export function chosen(
  { images }: Collected,
  { optional, suspected }: { readonly optional?: boolean | undefined; readonly suspected?: boolean | undefined },
): readonly ImageResult[] {
  const classes = new Set([
    'used',
    ...(optional === true ? ['optional'] : []),
    ...(suspected === true ? ['suspected'] : []),
  ])
  return images.filter((image) => classes.has(image.class))
}

/** One name for the same image, however it is written. */
export function canonical(reference: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(reference)))
  } catch {
    return reference
  }
}

export interface ListDifference {
  /** In the output and not in the list. */
  readonly missing: readonly string[]
  /** In the list and not in the output. */
  readonly extra: readonly { readonly reference: string; readonly line: number }[]
}

/** How a list differs from the images. */
export function compare(
  images: readonly ImageResult[],
  text: string,
  file: string,
): ListDifference & { readonly invalid: readonly RopewayError[] } {
  const list = parseImageList(text, file)
  const listed = new Set(list.images.map((entry) => canonical(entry.text)))
  const wanted = new Set(images.map(({ reference }) => canonical(reference)))
  const missing = listable(images).filter(({ reference }) => !listed.has(canonical(reference)))
  return {
    missing: missing.map(({ reference }) => reference),
    extra: list.images
      .filter((entry) => !wanted.has(canonical(entry.text)))
      .map((entry) => ({ reference: entry.text, line: entry.line })),
    invalid: list.invalid,
  }
}

/** Each image once, however it is written, without names whose tags stand elsewhere. */
export function listable(images: readonly ImageResult[]): readonly ImageResult[] {
  const seen = new Map<string, ImageResult>()
  for (const image of images) {
    const name = canonical(image.reference)
    if (image.partOf === undefined && !seen.has(name)) seen.set(name, image)
  }
  return [...seen.values()]
}
