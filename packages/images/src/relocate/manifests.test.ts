import { describe, expect, it } from 'vitest'
import { discoverManifests } from '../chart/discover.js'
import { parseManifests } from '../manifests.js'
import { relocateManifests } from './manifests.js'
import { mirrored, pod } from './relocate.fixture.js'

async function relocated(text: string) {
  const discovery = discoverManifests(parseManifests(text, 'all.yaml'))
  const used = new Set(discovery.images.filter((image) => image.class === 'used').map(({ reference }) => reference))
  const destination = (reference: string) => (used.has(reference) ? mirrored(reference) : undefined)
  const { texts, proof } = await relocateManifests([{ name: 'all.yaml', text }], { discovery, destination })
  return { text: texts[0] ?? '', proof }
}

const harbor = 'harbor.example:5000/mirror'

function settings(key: string, text: string, kind = 'ConfigMap'): string {
  return `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: settings\ndata:\n  ${key}: ${text}`
}

describe('relocateManifests', () => {
  it('changes references alone: comments, quotes, order and blanks stay', async () => {
    const given = `# all\n${pod('"quay.io/app/web:1" # web', "'nginx'")}\n---\n${pod('quay.io/app/web:1')}`
    const { text, proof } = await relocated(given)
    expect(text).toBe(
      given.replaceAll('quay.io/app/web:1', `${harbor}/app/web:1`).replace("'nginx'", `'${harbor}/library/nginx'`),
    )
    expect(proof).toMatchObject({ proved: true, differences: [], computed: [] })
  })

  it('moves references inside longer texts', async () => {
    const given =
      pod('quay.io/app/web:1', 'quay.io/app/db:2') + '      args: ["--sidecar=quay.io/app/web:1,quay.io/app/db:2"]\n'
    const { text, proof } = await relocated(given)
    expect(proof.proved).toBe(true)
    expect(text).toContain(`"--sidecar=${harbor}/app/web:1,${harbor}/app/db:2"`)
  })

  it.each([
    ['YAML', 'app.yaml', '|\n    # kept\n    image:\n      repository: quay.io/app/web # kept\n      tag: "1.2"\n'],
    ['YAML in quotes', 'app.yaml', '"image:\\n  repository: quay.io/app/web\\n  tag: \'1.2\'\\n"\n'],
    ['folded YAML', 'app.yaml', '>\n    image:\n      repository: quay.io/app/web\n      tag: "1.2"\n'],
    ['JSON', 'app.json', `'{"image": {"repository": "quay.io/app/web", "tag": "1.2"}}'\n`],
    ['TOML', 'app.toml', '|\n    # kept\n    [image]\n    repository = "quay.io/app/web"\n    tag = "1.2"\n'],
  ])('moves a reference in parts in %s', async (_, key, written) => {
    const given = settings(key, written)
    const { text, proof } = await relocated(given)
    expect(proof).toMatchObject({
      proved: true,
      references: [{ before: 'quay.io/app/web:1.2', after: `${harbor}/app/web:1.2` }],
      computed: [{ before: 'quay.io/app/web', after: `${harbor}/app/web`, why: 'a part of a moved reference' }],
    })
    if (!written.startsWith('>')) expect(text).toBe(given.replace('quay.io/app/web', `${harbor}/app/web`))
  })

  it('leaves documents alone that hold nothing to move', async () => {
    const given = settings('app.yaml', '|\n    name: web\n')
    expect(await relocated(given)).toMatchObject({ text: given, proof: { proved: true, references: [] } })
  })
})
