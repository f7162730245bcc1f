import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeChartRepository, makeChart, makeImage, pushFixture, type Chart } from '@ropeway/testkit'
import { countRequests } from '../../e2e/src/harness/internet.ts'
import { peersBin } from '../../e2e/src/harness/paths.ts'
import { realRegistry } from '../../e2e/src/harness/registry.ts'
import { root } from '../workspace/rooms.mjs'
import { measure, table } from './measure.ts'

const addons = 60
const imagesEach = 2
const MB = 1_000_000

/** Requests that a run may make for an image when there is nothing to do, and its share of the first run's time. */
const limits = { requests: 3, share: 0.1 }

/**
 * Brings 60 generated addons, with two images each, into an empty registry, and again when all of it is there. Prints times and
 * requests an image; false when the second run asks or takes more than it may.
 */
export async function benchAddons(): Promise<boolean> {
  if (!existsSync(join(peersBin, 'docker-registry'))) throw new Error('addons need peers: npm run peers')
  const home = await mkdtemp(join(tmpdir(), 'ropeway-bench-'))
  const [near, far] = await Promise.all([realRegistry(), realRegistry()])
  const counted = await countRequests(far.url)
  const charts = Array.from({ length: addons }, (_, index) => chartOf(index, near.host))
  const repository = await fakeChartRepository({ charts })
  try {
    await publishImages(near.url)
    await writeFile(join(home, 'addons.yaml'), valuesFile(charts, repository.url))
    const runs = []
    for (const title of ['first run', 'nothing to do']) {
      counted.forget()
      const measured = await measure({
        command: process.execPath,
        args: [
          join(root, 'packages', 'cli', 'bin', 'run.js'),
          ...['run', '--values', 'addons.yaml', '--to', counted.host, '--quiet'],
        ],
        cwd: home,
        env: { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), XDG_DATA_HOME: join(home, 'data'), NO_COLOR: '1' },
      })
      runs.push({ title, ...measured, requests: counted.asked.length })
    }
    const images = addons * imagesEach
    const [first, second] = runs
    console.log(
      table([
        [`${String(addons)} addons, ${String(images)} images`, 'time', 'peak RSS', 'requests', 'an image'],
        ...runs.map(({ title, milliseconds, peak, requests }) => [
          `  ${title}`,
          `${(milliseconds / 1000).toFixed(2)} s`,
          `${(peak / MB).toFixed(0)} MB`,
          String(requests),
          (requests / images).toFixed(2),
        ]),
      ]),
    )
    if (first === undefined || second === undefined) return false
    const share = second.milliseconds / first.milliseconds
    console.log(`  nothing to do takes ${(share * 100).toFixed(0)} % of the first run`)
    return second.requests / images <= limits.requests && share <= limits.share
  } finally {
    await repository.close()
    await Promise.all([counted.close(), near.close(), far.close()])
    await rm(home, { recursive: true, force: true })
  }
}

function chartOf(index: number, host: string): Chart {
  const name = `addon-${String(index)}`
  const container = (at: number) =>
    `        - {name: c${String(at)}, image: "{{ .Values.i${String(at)}.repository }}:{{ .Values.i${String(at)}.tag }}"}`
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  template:
    spec:
      containers:
${Array.from({ length: imagesEach }, (_, at) => container(at)).join('\n')}
`
  const values = Object.fromEntries(
    Array.from({ length: imagesEach }, (_, at) => [
      `i${String(at)}`,
      { repository: `${host}/bench/${name}-${String(at)}`, tag: '1.0.0' },
    ]),
  )
  return makeChart({ name, version: '1.0.0', templates: { 'deployment.yaml': deployment }, values })
}

async function publishImages(url: string): Promise<void> {
  const base = { size: 5 * MB, seed: 'base' }
  for (let index = 0; index < addons; index++) {
    for (let at = 0; at < imagesEach; at++) {
      const name = `addon-${String(index)}-${String(at)}`
      const image = await makeImage({
        layers: [base, { size: 2 * MB, seed: name }, { size: 1 * MB, seed: `${name}-2` }],
      })
      await pushFixture(url, image, { repository: `bench/${name}`, tags: ['1.0.0'] })
    }
  }
}

function valuesFile(charts: readonly Chart[], url: string): string {
  const entries = charts.map(
    ({ name, version }) => `  ${name}: {chart: ${name}, repoURL: "${url}", version: ${version}}`,
  )
  return `addons:\n${entries.join('\n')}\n`
}
