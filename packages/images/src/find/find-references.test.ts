import { describe, expect, it } from 'vitest'
import { parseManifests } from '../manifests.js'
import { parseCatalogue } from './catalogue.js'
import { findReferences, manifestObjects } from './find-references.js'
import type { FindOptions } from './types.js'

const head = (kind: string, apiVersion = 'v1'): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x }\n`

function found(text: string, options?: FindOptions): string[] {
  const { sites } = findReferences(manifestObjects(parseManifests(text, 'a.yaml')), options)
  return sites.map((site) => `${site.class} ${site.place} ${site.reference}`)
}

const container = (rest: string): string =>
  `${head('Pod')}spec:\n  containers:\n  - name: a\n    image: busybox\n${rest.replaceAll(/^/gm, '    ')}`
const inContainer = (rest: string): string[] => found(container(rest)).slice(1)

describe('references in arguments', () => {
  it.each([
    ['args: ["--acme-http01-solver-image=quay.io/a/solver:v1.2"]', ['used arg quay.io/a/solver:v1.2']],
    ['args: [--executor-image, quay.io/a/exec:v4]', ['used arg quay.io/a/exec:v4']],
    [
      'command: [controller, -nop-image, "ghcr.io/a/nop@sha256:' + 'a'.repeat(64) + '"]',
      [`used arg ghcr.io/a/nop@sha256:${'a'.repeat(64)}`],
    ],
    ['command: [sh, -c, "run --worker-image quay.io/a/w:1.0 --verbose"]', ['used arg quay.io/a/w:1.0']],
    ['args: ["--base-image=quay.io/thanos/thanos"]', ['suspected arg quay.io/thanos/thanos']],
    ['args: ["--something=quay.io/a/b:v1.0"]', ['used arg quay.io/a/b:v1.0']],
    ['args: ["--listen=0.0.0.0:8080", "--url=http://quay.io:8080/a/b:1", "--image-gc-high-threshold=85"]', []],
    ['command: [chown, "-R", "1000:1000", elasticsearch:elasticsearch]', []],
  ])('%s', (text, expected) => {
    expect(inContainer(text)).toEqual(expected)
  })
})

describe('references in variables', () => {
  const env = (entries: Readonly<Record<string, string>>): string[] =>
    inContainer(`env: ${JSON.stringify(Object.entries(entries).map(([name, value]) => ({ name, value })))}`)
  it.each([
    [{ RELATED_IMAGE_DB: 'quay.io/a/db:1' }, ['used env quay.io/a/db:1']],
    [{ AGENT_INJECT_VAULT_IMAGE: 'hashicorp/vault:2.0' }, ['used env hashicorp/vault:2.0']],
    [
      { KAFKA_IMAGES: '3.8=quay.io/a/k:1-3.8\n3.9=quay.io/a/k:1-3.9\n' },
      ['used env quay.io/a/k:1-3.8', 'used env quay.io/a/k:1-3.9'],
    ],
    [{ AGENT_IMAGE_REPOSITORY: 'quay.io/a/agent', AGENT_IMAGE_TAG: '1.2' }, ['used env quay.io/a/agent:1.2']],
    [{ OTHER: 'quay.io/a/b:1.2' }, ['used env quay.io/a/b:1.2']],
    [
      {
        IMAGE_PULL_POLICY: 'Always',
        DB_HOST: 'db:5432',
        ARN: 'arn:aws:iam::1:role/x',
        NODE: 'a.kubernetes.io/b:NoSchedule',
        IMAGE: '$(OTHER)',
      },
      [],
    ],
  ])('%o', (entries, expected) => {
    expect(env(entries)).toEqual(expected)
  })
})

describe('references in texts', () => {
  const map = (text: string): string[] =>
    found(`${head('ConfigMap')}data:\n  app: |\n${text.replaceAll(/^/gm, '    ')}`)
  it.each([
    ['a manifest', 'spec:\n  containers:\n  - name: a\n    image: nginx\n', ['used text nginx']],
    ['YAML', 'runner:\n  image: ghcr.io/a/runner:1.0\n', ['used text ghcr.io/a/runner:1.0']],
    ['JSON', '{"helperImage": "gitlab/helper:x86-1.0"}\n', ['used text gitlab/helper:x86-1.0']],
    ['TOML', '[[runners]]\n[runners.docker]\nimage = "docker.io/a/b:1.0"\n', ['used text docker.io/a/b:1.0']],
    ['properties', 'agent.image=quay.io/a/agent:1.0\n', ['used text quay.io/a/agent:1.0']],
    [
      'properties with escapes',
      'agent.image = old\\:80/a/agent\\:1.0\nurl=jdbc\\:mysql\\://db\\:3306/x\n',
      ['used text old:80/a/agent:1.0'],
    ],
    [
      'parts',
      'sidecar:\n  image:\n    registry: docker.io\n    repository: a/b\n    tag: "1.0"\n',
      ['used split docker.io/a/b:1.0'],
    ],
    ['comments', '# image: quay.io/a/b:1\nx: 1\n', []],
    [
      'a matcher of images',
      'match:\n  images: ["*redis*", "couchbase/server:enterprise-6"]\n',
      ['suspected text couchbase/server:enterprise-6'],
    ],
  ])('%s', (_, text, expected) => {
    expect(map(text)).toEqual(expected)
  })

  it('of secrets are decoded', () => {
    const text = Buffer.from('image: quay.io/a/b:1.0\n').toString('base64')
    expect(found(`${head('Secret')}data: { "values.yaml": ${text} }\n`)).toEqual(['used text quay.io/a/b:1.0'])
  })

  it('have ranges that hold the reference', () => {
    const text = container('args: ["--x-image=quay.io/a/b:1.0"]')
    const [, site] = findReferences(manifestObjects(parseManifests(text, 'a.yaml'))).sites
    expect('--x-image=quay.io/a/b:1.0'.slice(...(site?.range ?? [0, 0]))).toBe('quay.io/a/b:1.0')
  })
})

describe('references in custom resources', () => {
  it('are found by the catalogue, whole and in parts', () => {
    const prometheus = `${head('Prometheus', 'monitoring.coreos.com/v1')}spec: { baseImage: quay.io/p/p, version: v2.1 }\n`
    expect(found(prometheus)).toEqual(['used resource quay.io/p/p:v2.1', 'suspected split quay.io/p/p'])
    const policy = `${head('ClusterPolicy', 'nvidia.com/v1')}spec:\n  driver: { repository: nvcr.io/nvidia, image: driver, version: "580" }\n`
    expect(found(policy)).toEqual(['used resource nvcr.io/nvidia/driver:580'])
  })

  it('are found by names of fields', () => {
    expect(
      found(`${head('Thing', 'x.io/v1')}spec: { sidecarImage: a/b:1.0, icon: a/b.png, imagePullPolicy: Always }\n`),
    ).toEqual(['used field a/b:1.0'])
  })

  it('are found by a catalogue of the user, which counts first', () => {
    const text = `${head('App', 'example.org/v1')}spec: { engine: b/c, build: { image: out/put:1 } }\n`
    const catalogue = parseCatalogue(
      'catalogue:\n- { apiVersion: "example.org/*", kind: App, path: spec.engine }\n- { apiVersion: "example.org/*", kind: App, path: spec.build, shape: none }\n',
      'c.yaml',
    )
    expect(found(text, { catalogue })).toEqual(['used resource b/c'])
    expect(() => parseCatalogue('catalogue: [{ kind: App }]', 'c.yaml')).toThrow(
      expect.objectContaining({ code: 'CATALOGUE_INVALID' }),
    )
  })

  it('are not looked for in definitions and policies', () => {
    expect(found(`${head('CustomResourceDefinition')}spec: { image: quay.io/a/b:1 }\n`)).toEqual([])
    expect(
      found(
        `${head('ClusterPolicy', 'kyverno.io/v1')}spec: { rules: [{ verifyImages: [{ image: "ghcr.io/a/b:1" }] }] }\n`,
      ),
    ).toEqual([])
  })
})
