import type { ChartFile } from '@ropeway/helm'
import type { Discovery, DiscoveredImage, ImageClass, Proof, RelocateOptions } from '@ropeway/images'
import type { Analysis } from './analysis.js'

/**
 * An analysis that takes lines for what they say: `image: REF`, `# optional PATH image: REF`, `# suspected REF`,
 * `# suspected NAME of REF`, `# unresolved`, `# fail MESSAGE`. What it finds it can replace; `# fixed image: REF` it cannot.
 */
export const lineAnalysis: Analysis = {
  discoverChart: async (files) => look(texts(files)),
  discoverManifests: async (files) => look(files.map(({ name, text }) => [name, text])),
  async relocateChart(files, options) {
    if (options.mode === 'overlay') {
      const overlay = `# ${options.discovery.images.map(({ reference }) => options.destination(reference) ?? '').join()}\n`
      return { files, changed: false, overlay, proof: proofOf(options, options.mode) }
    }
    const moved = files.map(({ path, bytes }) => ({ path, bytes: Buffer.from(move(textOf(bytes), options)) }))
    const changed = moved.some(({ bytes }, index) => !bytes.equals(files[index]?.bytes ?? Buffer.alloc(0)))
    return { files: moved, changed, overlay: 'moved: true\n', proof: proofOf(options, options.mode) }
  },
  async relocateManifests(files, options) {
    return { texts: files.map(({ text }) => move(text, options)), proof: proofOf(options, 'embed') }
  },
  proofMarkdown: ({ proved }) => `# ${proved ? 'Proved' : 'Not proved'}\n`,
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
const texts = (files: readonly ChartFile[]): [string, string][] => files.map(({ path, bytes }) => [path, textOf(bytes)])

const line =
  /^\s*(# optional (?<path>\S+) |# fixed )?(?:- )?image: (?<reference>\S+)$|^# suspected (?<suspect>\S+)(?: of (?<whole>\S+))?$/

function look(files: readonly (readonly [string, string])[]): Discovery {
  const images = new Map<string, DiscoveredImage>()
  const unresolved: Discovery['unresolved'][number][] = []
  for (const [template, text] of files) {
    for (const [index, each] of text.split('\n').entries()) {
      const site = {
        template,
        document: 0,
        object: { apiVersion: 'v1', kind: 'Pod', name: 'web' },
        path: ['image'],
        place: 'container',
      }
      if (each.startsWith('# fail ')) throw new Error(each.slice('# fail '.length))
      if (each === '# unresolved') unresolved.push({ ...site, reference: '', reason: 'it is a number' })
      const { path, whole, reference = '', suspect = reference } = line.exec(each)?.groups ?? {}
      if (suspect === '') continue
      const own: ImageClass = reference === '' ? 'suspected' : path === undefined ? 'used' : 'optional'
      const provenance = [{ ...site, reference: suspect, chart: '', line: index + 1, values: [] }]
      const flipped = path === undefined ? {} : { switch: { [path]: true } }
      images.set(suspect, { reference: suspect, class: own, partOf: whole, ...flipped, provenance })
    }
  }
  return { images: [...images.values()], unresolved, filled: {}, warnings: [] }
}

type Moves = Pick<RelocateOptions, 'discovery' | 'destination'>

function move(text: string, { destination }: Moves): string {
  return text.replaceAll(/^(\s*(?:# optional \S+ )?(?:- )?image: )(\S+)$/gm, (_, before: string, reference: string) => {
    return before + (destination(reference) ?? reference)
  })
}

function proofOf(
  { discovery, destination, excluded }: Moves & Pick<RelocateOptions, 'excluded'>,
  mode: Proof['mode'],
): Proof {
  const references = discovery.images
    .filter(({ class: own }) => own !== 'suspected')
    .map(({ reference }) => {
      const after = destination(reference)
      const left = excluded?.(reference) === true
      const how = left ? ('excluded' as const) : after === undefined ? ('unmoved' as const) : ('values' as const)
      const reason = how === 'unmoved' ? { reason: 'it is not carried' } : {}
      return { before: reference, after: after ?? reference, how, proved: how !== 'unmoved', places: [], ...reason }
    })
  const proved = references.every((each) => each.proved)
  return { chart: 'chart', version: '1', mode, proved, references, computed: [], differences: [], renders: [] }
}
