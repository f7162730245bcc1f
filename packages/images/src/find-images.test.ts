import { describe, expect, it } from 'vitest'
import { findImages, formatObject, formatPlace, type FoundImages } from './find-images.js'
import { parseManifests } from './manifests.js'

const find = (text: string, file = 'k8s/app.yaml'): FoundImages => findImages(parseManifests(text, file))

describe('findImages', () => {
  it('tells reference, object, path, document and line', () => {
    const found = find(`apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    spec:
      initContainers:
      - name: wait
        image: busybox:1.36
      containers:
      - name: web
        ports: []
        image: "registry.example/app/web:1.2.3@sha256:${'a'.repeat(64)}"
`)
    const place = {
      object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
      file: 'k8s/app.yaml',
      document: 1,
    }
    expect(found).toEqual({
      images: [
        {
          ...place,
          reference: 'busybox:1.36',
          path: 'spec.template.spec.initContainers[0].image',
          keys: ['spec', 'template', 'spec', 'initContainers', 0, 'image'],
          line: 15,
        },
        {
          ...place,
          reference: `registry.example/app/web:1.2.3@sha256:${'a'.repeat(64)}`,
          path: 'spec.template.spec.containers[0].image',
          keys: ['spec', 'template', 'spec', 'containers', 0, 'image'],
          line: 19,
        },
      ],
      unresolved: [],
    })
    expect(found.images.map(formatPlace)[0]).toBe(
      'k8s/app.yaml:15 shop Deployment/web spec.template.spec.initContainers[0].image',
    )
  })

  it.each([
    ['Pod', 'spec'],
    ['CronJob', 'spec.jobTemplate.spec.template.spec'],
    ['PodTemplate', 'template.spec'],
    ['ServingRuntime', 'spec'],
    ['Anything', 'a.list[1].deep'],
  ])('finds pod specs by structure, in %s', (kind, path) => {
    const spec = { containers: [{ name: 'a', image: 'a:1' }], ephemeralContainers: [{ name: 'b', image: 'b:1' }] }
    const value = path.split('.').reduceRight<unknown>((inner, step) => {
      const [key = '', position] = step.split(/[[\]]/)
      return { [key]: position === undefined ? inner : [{}, inner] }
    }, spec)
    const text = JSON.stringify({ apiVersion: 'x/v1', kind, ...(value as object) })
    expect(find(text).images.map((field) => [field.reference, field.path])).toEqual([
      ['a:1', `${path}.containers[0].image`],
      ['b:1', `${path}.ephemeralContainers[0].image`],
    ])
  })

  it('finds image volumes', () => {
    const text = `{apiVersion: v1, kind: Pod, spec: {volumes: [
      {name: data, emptyDir: {}}, {name: model, image: {reference: "r.example/model:1", pullPolicy: Always}}]}}`
    expect(find(text).images).toMatchObject([
      { reference: 'r.example/model:1', path: 'spec.volumes[1].image.reference', line: 2 },
    ])
  })

  it('takes items of lists for objects of their own', () => {
    const item = (kind?: string): object => ({
      ...(kind === undefined ? {} : { apiVersion: 'apps/v1', kind }),
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'a', image: 'a:1' }] },
    })
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item('DaemonSet'), item('Pod')] })
    const typed = JSON.stringify({ apiVersion: 'apps/v1', kind: 'DeploymentList', items: [item()] })
    const { images } = find(`${list}\n---\n${typed}`)
    expect(images.map(({ object, path }) => [formatObject(object), path])).toEqual([
      ['DaemonSet/web', 'spec.containers[0].image'],
      ['Pod/web', 'spec.containers[0].image'],
      ['Deployment/web', 'spec.containers[0].image'],
    ])
    expect(images[1]?.keys.slice(0, 2)).toEqual(['items', 1])
  })

  it('names an object by generateName when it has no name', () => {
    const [image] = find(`{apiVersion: batch/v1, kind: Job, metadata: {generateName: run-},
      spec: {template: {spec: {containers: [{name: a, image: a}]}}}}`).images
    expect(image?.object.name).toBe('run-')
  })

  it('passes over custom resource definitions, in lists too', () => {
    const crd = `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition,
      spec: {example: {containers: [{name: a, image: a:1}]}}}`
    expect(find(crd).images).toEqual([])
    expect(find(`{apiVersion: v1, kind: List, items: [${crd}]}`).images).toEqual([])
  })

  it('needs name and image, and lists of maps', () => {
    const text = `apiVersion: x/v1
kind: Policy
spec:
  containers: [web, db]
  a: { containers: { name: x, image: y } }
  b: { containers: [{ image: only-an-image }, { name: only-a-name }, [1], null] }
  imagePullSecrets: [{ name: a }]
  image: not-a-container:1
`
    expect(find(text)).toEqual({ images: [], unresolved: [] })
  })

  it.each([
    ['""', 'empty'],
    ['" "', 'empty'],
    ['null', 'empty'],
    ['', 'empty'],
    ['auto', 'placeholder'],
    ['<your-registry>/app:1', 'placeholder'],
    ['$(IMAGE)', 'variable'],
    ['"${REGISTRY}/app:1"', 'variable'],
    ['"{{ .Values.image }}"', 'template'],
    ['1.10', 'not-text'],
    ['{ repository: a, tag: b }', 'not-text'],
    ['Registry.Example/App:1', 'invalid'],
    ['"app:1 "', 'invalid'],
    ['"app:"', 'invalid'],
    ['https://registry.example/app:1', 'invalid'],
  ])('reports apart what is no image: %s', (value, kind) => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec:\n  containers:\n  - name: a\n    image: ${value}\n`
    const { images, unresolved } = find(text)
    expect(images).toEqual([])
    expect(unresolved).toMatchObject([{ kind, line: 7, path: 'spec.containers[0].image', object: { name: 'p' } }])
    expect(unresolved[0]?.reason).not.toBe('')
  })

  it('finds images behind anchors where they are written', () => {
    const text = `apiVersion: v1
kind: Pod
base: &base
  image: a:1
spec:
  containers:
  - <<: *base
    name: a
  - <<: *base
    name: b
    image: b:1
`
    expect(find(text).images.map(({ reference, line }) => [reference, line])).toEqual([
      ['a:1', 4],
      ['b:1', 11],
    ])
  })
})
