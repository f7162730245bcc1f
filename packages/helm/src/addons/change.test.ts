import { describe, expect, it } from 'vitest'
import { chartFiles, type ChartFile } from '../chart/archive.js'
import { packChart } from '../chart/pack.js'
import { changeChart, type ChartChanges } from './change.js'

const text = (path: string, content: string): ChartFile => ({ path, bytes: Buffer.from(content) })
const chartYaml = (name: string, more = '') => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`

const sub = (await packChart([text('Chart.yaml', chartYaml('packed'))], 'packed')).archive
const files = [
  text(
    'Chart.yaml',
    chartYaml(
      'app',
      `# what it needs
dependencies:
  - {name: common, version: 1.0.0, repository: "https://x.example"}
  - {name: db, version: 1.0.0, repository: "https://x.example", condition: db.enabled}
  - {name: packed, version: 1.0.0, repository: "https://x.example"}
`,
    ),
  ),
  text('Chart.lock', 'dependencies: []\n'),
  text('values.yaml', '# ours\nimage:\n  tag: "1" # pinned\nlist: [a]\n'),
  text('templates/a.yaml', 'a: 1\n'),
  text('charts/common/Chart.yaml', chartYaml('common', 'type: library\n')),
  text('charts/common/templates/_a.tpl', ''),
  text('charts/db/Chart.yaml', chartYaml('db')),
  { path: 'charts/packed-1.0.0.tgz', bytes: sub },
]
const { archive } = await packChart(files, 'app')

async function changed(changes: ChartChanges): Promise<Record<string, string> | undefined> {
  const packed = await changeChart(archive, changes, 'app')
  if (packed === undefined) return undefined
  const found: Record<string, string> = {}
  for await (const { path, bytes } of chartFiles(packed.archive, 'app')) found[path] = Buffer.from(bytes).toString()
  return found
}

describe('a chart that is changed on its way', () => {
  it('gets new defaults in the text that it has', async () => {
    const found = await changed({ values: 'image: {tag: "2", pull: Always}\nlist: [b, c]\n' })
    expect(found?.['values.yaml']).toBe('# ours\nimage:\n  tag: "2" # pinned\n  pull: Always\nlist:\n  - b\n  - c\n')
    expect(Object.keys(found ?? {})).toHaveLength(files.length)
  })

  it('gets defaults when it has none', async () => {
    const bare = (await packChart([text('Chart.yaml', chartYaml('bare'))], 'bare')).archive
    const packed = await changeChart(bare, { values: 'a: {b: 1}\n' }, 'bare')
    const found: string[] = []
    for await (const { path, bytes } of chartFiles(packed?.archive ?? archive, 'bare')) {
      found.push(`${path} ${Buffer.from(bytes).toString()}`)
    }
    expect(found).toContain('values.yaml a:\n  b: 1\n')
  })

  it('loses its dependencies but for libraries', async () => {
    const found = await changed({ withoutDependencies: true })
    expect(Object.keys(found ?? {}).sort()).toEqual([
      'Chart.yaml',
      'charts/common/Chart.yaml',
      'charts/common/templates/_a.tpl',
      'templates/a.yaml',
      'values.yaml',
    ])
    expect(found?.['Chart.yaml']).toContain('common')
    expect(found?.['Chart.yaml']).not.toContain('db')
  })

  it('has the same bytes each time', async () => {
    const one = await changeChart(archive, { values: 'a: 1', withoutDependencies: true }, 'app')
    const two = await changeChart(archive, { values: 'a: 1', withoutDependencies: true }, 'app')
    expect(one?.archive).toEqual(two?.archive)
  })

  it.each([{}, { values: '{}' }, { values: '' }])(
    'stays as it is when there is nothing to change: %j',
    async (changes) => {
      expect(await changed(changes)).toBeUndefined()
    },
  )
})
