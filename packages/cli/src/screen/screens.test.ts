import type { ArtifactKind, PlannedArtifact } from '@ropeway/core'
import type { Plan, PlanEntry, PlannedSink, Receipt } from '@ropeway/engine'
import { describe, expect, it } from 'vitest'
import { plainPaint } from '../text/paint.js'
import { widthOf } from '../text/width.js'
import { fetchScreen } from './fetch.js'
import { planHeadline, planJson, planScreen } from './plan.js'
import { reportScreen } from './report.js'
import { serveScreen } from './serve.js'
import { warningScreen } from './warnings.js'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const blob = (letter: string, size: number) => ({ mediaType: 'application/octet-stream', digest: digest(letter), size })

function entry(kind: ArtifactKind, name: string, more: Partial<PlanEntry> = {}): PlanEntry {
  const root = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest('0'), size: 1000 }
  return {
    id: `${kind}:${name}`,
    kind,
    name,
    root,
    destinations: [{ registry: 'harbor.corp:5000', repository: `mirror/${name}`, tag: '1' }],
    manifests: [root],
    blobs: [blob('1', 1_840_000_000), blob('2', 4_000)],
    referrers: [],
    bytes: 1_840_005_000,
    from: name,
    signatures: 'none',
    class: 'declared',
    requiredBy: [],
    ...more,
  }
}

const artifacts = [
  entry('chart', 'podinfo', { version: '6.7.1', from: 'https://charts.example', bytes: 4_000 }),
  entry('file', 'install.sh', { from: 'k8s/install.sh', bytes: 4_096 }),
  entry('image', 'registry.example/app/web:1.2.3', {
    signatures: 'carried',
    referrers: [
      { descriptor: blob('3', 1), subject: digest('0') },
      { descriptor: blob('4', 1), subject: digest('0'), tag: 'x.sig' },
    ],
  }),
  entry('image', 'registry.example/app/db:2', {
    signatures: 'invalidated',
    requiredBy: ['images.txt:3'],
    class: 'used',
  }),
]

const common = {
  delivery: { chain: { name: 'platform', version: '1.4.74' }, artifacts: artifacts as readonly PlannedArtifact[] },
  existing: 'skip',
  names: [],
  refused: [],
  nothingToDo: false,
  checked: false,
  artifacts: [],
} as const
const step = (id: string, adapter: string) => ({ id, adapter, options: {}, written: {}, directory: '/' })
const sinks: PlannedSink[] = [
  {
    ...common,
    step: step('sinks[0]', 'tarball'),
    name: 'tarball',
    takes: 'bytes',
    location: 'platform-1.4.74.tar',
    delivery: { ...common.delivery, archive: { size: 1_234_567_168, identity: digest('9') } },
    artifacts: [],
    survey: { location: 'platform-1.4.74.tar', space: { free: 12_100_000_000, needed: 1_234_567_168 } },
    blobs: 41,
    presentBlobs: 0,
    bytesToSend: 1_234_567_168,
  },
  {
    ...common,
    step: step('sinks[1]', 'registry'),
    name: 'registry',
    takes: 'store',
    location: 'harbor.corp:5000/mirror',
    survey: { location: 'harbor.corp:5000/mirror', present: new Set([digest('1')]) },
    artifacts: [],
    blobs: 41,
    presentBlobs: 33,
    bytesToSend: 920_000_000,
  },
]

const plan: Plan = {
  chain: { name: 'platform', version: '1.4.74' },
  lock: digest('f'),
  platforms: ['linux/amd64'],
  sources: 3,
  artifacts,
  totals: {
    artifacts: { image: 2, chart: 1, file: 1 },
    blobs: 41,
    bytes: 1_840_000_000,
    bytesBeforeDedupe: 2_450_000_000,
    cacheBytes: 8_000,
  },
  bundle: { size: 1_234_567_168, identity: digest('9') },
  sinks,
  warnings: [
    {
      code: 'DESTINATION_KEPT',
      message: 'harbor.corp:5000/mirror/app/web:1.2.3 holds another content and is left as it is',
      about: 'image:web',
      hint: 'replace it with --existing overwrite',
    },
  ],
  errors: [],
  failures: [],
}

describe('the plan', () => {
  it('lines up, and says what is shared, what is there, and what comes next', () => {
    expect(planScreen(plan, { paint: plainPaint, columns: 100, next: ['ropeway run'] })).toEqual([
      'platform 1.4.74 · 3 sources · linux/amd64',
      '',
      '  chart  podinfo 6.7.1                      4 KB  https://charts.example',
      '  file   install.sh                       4.1 KB  k8s/install.sh',
      '  image  registry.example/app/web:1.2.3  1.84 GB  signed, 2 referrers travel',
      '  image  registry.example/app/db:2       1.84 GB  used, signatures no longer hold, for images.txt:3',
      '',
      '  2 images, 1 chart, 1 file · 41 blobs, 1.84 GB',
      '  2.45 GB before sharing; 610 MB shared between artifacts, moved once',
      '',
      '  tarball   platform-1.4.74.tar      1,234,567,168 bytes  12.1 GB free',
      '  registry  harbor.corp:5000/mirror       920 MB to send  33 of 41 blobs there already, 920 MB',
      '  8 KB of charts and manifests stay in the cache of this machine',
      '',
      '  ! harbor.corp:5000/mirror/app/web:1.2.3 holds another content and is left as it is (image:web)',
      '    replace it with --existing overwrite',
      '',
      '  next: ropeway run',
    ])
  })

  it('is readable at 80 columns', () => {
    for (const line of planScreen(plan, { paint: plainPaint, columns: 80, next: [] }))
      expect(widthOf(line)).toBeLessThanOrEqual(80)
  })

  it('is readable where references have digests', () => {
    const pinned = [entry('image', `registry.example/app/web:1.2.3@${digest('a')}`), ...artifacts]
    const screen = planScreen({ ...plan, artifacts: pinned }, { paint: plainPaint, columns: 80, next: [] })
    expect(screen[2]).toBe('  image  registry.example/app/web:1.2.3@sha256:aaaaaaaaaaaa…  1.84 GB')
    for (const line of screen) expect(widthOf(line)).toBeLessThanOrEqual(80)
  })

  it('says what was proved of the sinks', () => {
    const proved = sinks.map((sink) => ({ ...sink, checked: true }))
    const screen = planScreen({ ...plan, sinks: proved }, { paint: plainPaint, columns: 100, next: [] })
    expect(screen.filter((line) => line.includes('✓'))).toEqual([
      '  ✓ platform-1.4.74.tar may be written',
      '  ✓ harbor.corp:5000/mirror is reached, takes the credentials, and may be written',
    ])
  })

  it('says the size of a bundle also where no sink writes one', () => {
    const screen = planScreen({ ...plan, sinks: sinks.slice(1) }, { paint: plainPaint, columns: 100, next: [] })
    expect(screen.find((line) => line.includes('bundle'))).toMatch(
      /^ {2}bundle +if you export it +1,234,567,168 bytes$/,
    )
  })

  it('says what is there already', () => {
    const idle = sinks.map((sink) => ({ ...sink, nothingToDo: true, presentBlobs: 41, bytesToSend: 0 }))
    const screen = planScreen({ ...plan, sinks: idle, warnings: [] }, { paint: plainPaint, columns: 100, next: [] })
    expect(screen.filter((line) => line.includes('already'))).toHaveLength(2)
    expect(screen.find((line) => line.includes('registry '))).toContain('nothing to do')
  })

  it('is plain data for programs', () => {
    const data = planJson(plan)
    expect(JSON.parse(JSON.stringify(data))).toMatchObject({
      lock: digest('f'),
      artifacts: [{ destinations: ['harbor.corp:5000/mirror/podinfo:1'], manifests: 1, blobs: 2 }, {}, {}, {}],
      sinks: [
        { archive: { size: 1_234_567_168 }, space: { free: 12_100_000_000 } },
        { presentBlobs: 33, bytesPresent: 920_005_000 },
      ],
    })
    expect(planHeadline(plan, plan.lock)).toBe('platform 1.4.74, from lock ffffffffffff…, 2 images, 1 chart, 1 file')
  })

  it('lets no name of elsewhere touch the terminal', () => {
    const hostile = {
      ...plan,
      artifacts: [entry('image', 'a\u001b[2J:1')],
      warnings: [{ code: 'X', message: 'b\u001b]0;x\u0007' }],
    }
    expect(planScreen(hostile, { paint: plainPaint, columns: 80, next: [] }).join('')).not.toMatch(
      /[\u0000-\u001f\u007f]/,
    )
  })
})

const receipt: Receipt = {
  receiptVersion: 1,
  chain: plan.chain,
  lock: plan.lock,
  sink: 'registry',
  location: 'harbor.corp:5000/mirror',
  complete: true,
  artifacts: [{ id: 'image:web', digest: digest('0'), outcome: 'delivered' }],
  bytesSent: 920_000_000,
  blobsSent: 6,
  blobsPresent: 33,
  blobsMounted: 2,
  blobsResumed: 1,
  milliseconds: 48_000,
  next: ['helm install podinfo oci://harbor.corp:5000/mirror/podinfo --version 6.7.1'],
  facts: {},
}

describe('the end', () => {
  it('says what moved, what was there, and what comes next', () => {
    expect(reportScreen([receipt], plainPaint)).toEqual([
      '✓ delivered to harbor.corp:5000/mirror in 48 s · 920 MB sent, 33 blobs were there, 2 mounted, 1 blob resumed',
      '  next: helm install podinfo oci://harbor.corp:5000/mirror/podinfo --version 6.7.1',
    ])
  })
  it('says when there was nothing to do, and what was left as it is', () => {
    const idle = { ...receipt, bytesSent: 0, blobsSent: 0, blobsMounted: 0, next: [] }
    expect(
      reportScreen([{ ...idle, artifacts: [{ id: 'a', digest: digest('0'), outcome: 'kept' }] }], plainPaint),
    ).toEqual([
      '✓ nothing to do: harbor.corp:5000/mirror has all of it already (1 artifact)',
      '  1 name holds another content there and was left; --existing overwrite replaces',
    ])
  })
  it('says what is not complete', () => {
    const failed: Receipt = {
      ...receipt,
      complete: false,
      next: [],
      artifacts: [{ id: 'a', digest: digest('0'), outcome: 'failed' }],
    }
    expect(reportScreen([failed, { ...failed, artifacts: [] }], plainPaint)).toEqual([
      '✗ 1 artifact of 1 not delivered to harbor.corp:5000/mirror',
      '✗ harbor.corp:5000/mirror is not complete',
    ])
  })
  it('lists files that were taken out', () => {
    expect(fetchScreen([{ id: 'file:a', path: 'a.sh', size: 4000 }], 'out', plainPaint)).toEqual([
      '  a.sh  4 KB  file:a',
      '✓ wrote 1 file to out',
    ])
  })
})

describe('a registry that is served', () => {
  const facts = {
    path: 'b.tar',
    what: 'platform 1',
    url: 'http://127.0.0.1:5000',
    host: '127.0.0.1:5000',
    readOnly: true,
    authenticated: false,
  }
  it('says where it is', () => {
    expect(serveScreen(facts, plainPaint)).toEqual([
      'serving b.tar (platform 1, read-only) at http://127.0.0.1:5000',
      '  Ctrl-C ends',
    ])
  })
  it('says what is open to everybody', () => {
    const open = serveScreen(
      { ...facts, url: 'http://0.0.0.0:5000', host: '0.0.0.0:5000', readOnly: false },
      plainPaint,
    )
    expect(open.filter((line) => line.startsWith('!'))).toHaveLength(2)
    expect(open[1]).toContain('read and write it')
  })
})

describe('a warning', () => {
  it('wraps, but never its next step', () => {
    const hint = `ropeway images ropeway.yaml --why ${'x'.repeat(60)}`
    const lines = warningScreen([{ code: 'X', message: 'word '.repeat(20).trim(), about: 'thing', hint }], {
      paint: plainPaint,
      columns: 40,
    })
    expect(lines.at(-1)).toBe(`    ${hint}`)
    for (const line of lines.slice(0, -1)) expect(widthOf(line)).toBeLessThanOrEqual(40)
    expect(lines.slice(1, -1).every((line) => line.startsWith('    '))).toBe(true)
  })
})
