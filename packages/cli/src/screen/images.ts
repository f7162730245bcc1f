import { formatObject } from '@ropeway/images'
import { listable, type Collected, type ListDifference } from '../images/collect.js'
import type { ImageResult } from '../results.js'
import { count } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'
import { widthOf } from '../text/width.js'
import { nextLines } from './summary.js'

export interface ImagesScreenOptions {
  readonly paint: Paint
  readonly columns: number
  readonly optional: boolean
  readonly suspected: boolean
  /** What the user gave as targets, for the next command. */
  readonly targets: readonly string[]
}

const titles: Readonly<Record<ImageResult['class'], string>> = {
  used: 'Used',
  optional: 'Optional, when something is switched',
  suspected: 'Suspected',
}

/** The images by class, each with where it comes from. */
export function imagesScreen(
  images: readonly ImageResult[],
  collected: Collected,
  options: ImagesScreenOptions,
): string[] {
  const { paint, columns } = options
  const sections = (['used', 'optional', 'suspected'] as const).flatMap((name) => {
    const own = images.filter((image) => image.class === name)
    if (own.length === 0) return []
    const rows = own.map((image) => [printableLine(image.reference), paint.dim(printableLine(remark(image)))])
    const lines = table(rows, { indent: '  ' })
    const fits = lines.every((line) => widthOf(line) <= columns)
    return [
      paint.bold(titles[name]),
      ...(fits ? lines : rows.flatMap(([image, from]) => [`  ${image}`, `    ${from}`])),
    ]
  })
  const found = images.length === 0 ? ['no images'] : sections
  return [...found, ...notes(collected, options), ...nextLines([nextCommand(images, collected, options)])]
}

function remark(image: ImageResult): string {
  const { provenance, reason } = image
  const [first] = provenance
  const more = provenance.length > 1 ? ` and ${count(provenance.length - 1, 'other place')}` : ''
  const place =
    first === undefined ? '' : `${first.template}${first.line === undefined ? '' : `:${String(first.line)}`}${more}`
  const flips = image.switch === undefined ? '' : `with ${switchText(image)}`
  return [flips, image.class === 'suspected' ? reason : undefined, place]
    .filter((text) => text !== undefined && text !== '')
    .join('; ')
}

/** `metrics.enabled=true, mode=ha` */
export function switchText({ switch: flips }: ImageResult): string {
  return Object.entries(flips ?? {})
    .map(([path, value]) => (path.startsWith('--') && value === true ? path : `${path}=${String(value)}`))
    .join(', ')
}

function notes(collected: Collected, { optional, suspected, paint }: ImagesScreenOptions): string[] {
  const counted = (name: ImageResult['class']): number =>
    collected.images.filter((image) => image.class === name).length
  const hidden = [
    ...(optional || counted('optional') === 0 ? [] : [`${String(counted('optional'))} optional (--optional)`]),
    ...(suspected || counted('suspected') === 0 ? [] : [`${String(counted('suspected'))} suspected (--suspected)`]),
  ]
  return [
    ...(hidden.length === 0 ? [] : [paint.dim(`not shown: ${hidden.join(', ')}`)]),
    ...collected.unresolved.map(
      ({ template, path, reason }) =>
        `${paint.yellow('!')} ${printableLine(`${template} ${path} names no image: ${reason}`)}`,
    ),
    ...collected.filled.map(
      ({ target, values }) =>
        `${paint.yellow('!')} ${printableLine(`${target} requires values that were filled in: ${Object.keys(values).join(', ')}`)}`,
    ),
  ]
}

function nextCommand(images: readonly ImageResult[], _: Collected, { targets }: ImagesScreenOptions): string {
  const named = targets.join(' ')
  const first = images.find((image) => image.class === 'used')
  return first === undefined
    ? `ropeway images ${named} --suspected`
    : `ropeway images ${named} --why ${first.reference}`
}

/** An `images.txt`: one reference a line, others than used ones with a comment. */
export function listText(images: readonly ImageResult[]): string {
  return listable(images)
    .map((image) => {
      const why =
        image.class === 'used' ? '' : ` # ${[image.class, switchText(image)].filter((text) => text !== '').join(': ')}`
      return `${image.reference}${why}\n`
    })
    .join('')
}

/** Why an image is there: every place, with the values that make it up. */
export function whyScreen(images: readonly ImageResult[], paint: Paint): string[] {
  return images.flatMap((image) => [
    `${paint.bold(printableLine(image.reference))} ${paint.dim(image.class)}`,
    ...(image.switch === undefined ? [] : [`  appears with ${printableLine(switchText(image))}`]),
    ...(image.class === 'suspected' && image.reason !== undefined ? [`  ${printableLine(image.reason)}`] : []),
    ...image.provenance.flatMap(({ chart, template, line, object, path, inner, values }) => [
      `  ${printableLine(`${template}${line === undefined ? '' : `:${String(line)}`}`)}${chart === undefined ? '' : paint.dim(`  chart ${chart}`)}`,
      ...(object === undefined
        ? []
        : [`    ${printableLine(`${formatObject(object)}  ${path}${inner === undefined ? '' : `, in it ${inner}`}`)}`]),
      ...(values.length === 0 ? [] : [`    values: ${printableLine(values.join(', '))}`]),
    ]),
  ])
}

/** The difference to a list, as lines to add and to remove. */
export function differenceScreen({ missing, extra }: ListDifference, file: string, paint: Paint): string[] {
  if (missing.length + extra.length === 0)
    return [`${paint.green('✓')} ${printableLine(file)} lists these images and no others`]
  return [
    ...missing.map((reference) => paint.green(printableLine(`+ ${reference}`))),
    ...extra.map(({ reference, line }) => paint.red(printableLine(`- ${reference}  (${file}:${String(line)})`))),
  ]
}
