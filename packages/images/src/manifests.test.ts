import { isRopewayError, type RopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { parseManifests } from './manifests.js'
import { decodeText } from './text.js'

function problem(text: string, file = 'app.yaml'): RopewayError {
  try {
    parseManifests(text, file)
  } catch (error) {
    if (isRopewayError(error)) return error
    throw error
  }
  throw new Error('it was read without an error')
}

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\n'

describe('parseManifests', () => {
  it('reads many documents, counts the empty ones and knows the lines', () => {
    const documents = parseManifests(
      `# first\n---\n${pod}---\n# nothing here\n---\n${pod}spec:\n  a: [1,\n    2]\n...\n`,
      'a.yaml',
    )
    expect(documents.map(({ index, lineOf }) => [index, lineOf([])])).toEqual([
      [0, 3],
      [2, 9],
    ])
    expect(documents[1]?.lineOf(['metadata', 'name'])).toBe(11)
    expect(documents[1]?.lineOf(['spec', 'a', 1])).toBe(14)
    expect(documents[1]?.lineOf(['spec', 'missing'])).toBe(12)
  })

  it('reads JSON, with tabs and on one line', () => {
    const object = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod' }] }
    for (const text of [JSON.stringify(object), JSON.stringify(object, null, '\t')]) {
      expect(parseManifests(text, 'a.json').map(({ value }) => value)).toEqual([object])
    }
  })

  it('reads CRLF and a byte order mark', () => {
    const [first, second] = parseManifests(`\uFEFF${pod}---\n${pod}`.replaceAll('\n', '\r\n'), 'a.yaml')
    expect(first?.value).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } })
    expect(second?.lineOf(['kind'])).toBe(6)
  })

  it('finds no document in an empty file', () => {
    expect(parseManifests('', 'a.yaml')).toEqual([])
    expect(parseManifests('# nothing\n---\n---\n', 'a.yaml')).toEqual([])
  })

  it('does not take a separator inside a text for one', () => {
    const [only, ...others] = parseManifests(`${pod}data:\n  x: |\n    ---\n    y\n`, 'a.yaml')
    expect(others).toEqual([])
    expect(only?.value['data']).toEqual({ x: '---\ny\n' })
  })

  it('takes flow collections that are indented less than the block around them, as kubectl does', () => {
    const text = `${pod}spec:\n    command: [ "/bin/sh",\n    "-c",\n  'a',\n  { x: y\n  } ]\n    next: 1\n`
    const [document] = parseManifests(text, 'a.yaml')
    expect(document?.value['spec']).toEqual({ command: ['/bin/sh', '-c', 'a', { x: 'y' }], next: 1 })
    expect(document?.lineOf(['spec', 'next'])).toBe(10)
    const open = `${pod}spec:\n  a: [1,\n  b: 2\n  c: 3\n`
    expect(problem(open).at).toBe('app.yaml:6')
  })

  it('keeps directives with their document', () => {
    expect(parseManifests(`%YAML 1.2\n---\n${pod}`, 'a.yaml')).toHaveLength(1)
  })

  it('lets the last of equal keys count, as kubectl does', () => {
    const [document] = parseManifests(`${pod}spec: 1\nspec: 2\n`, 'a.yaml')
    expect(document?.value['spec']).toBe(2)
    expect(document?.lineOf(['spec'])).toBe(5)
  })

  it('merges with << and follows aliases, with the lines of what they stand for', () => {
    const text = `${pod}base: &base\n  image: a\n  name: b\nlist:\n- <<: *base\n  name: c\n- *base\n- <<: [{ x: 1 }, *base]\n`
    const [document] = parseManifests(text, 'a.yaml')
    expect(document?.value['list']).toEqual([
      { image: 'a', name: 'c' },
      { image: 'a', name: 'b' },
      { x: 1, image: 'a', name: 'b' },
    ])
    expect(document?.lineOf(['list', 0, 'image'])).toBe(5)
    expect(document?.lineOf(['list', 0, 'name'])).toBe(9)
    expect(document?.lineOf(['list', 1, 'image'])).toBe(5)
  })

  it('keeps odd keys harmless', () => {
    const [document] = parseManifests(`${pod}data: { __proto__: { x: 1 }, 1.10: y, true: z }\n`, 'a.yaml')
    expect(Object.keys(document?.value['data'] ?? {})).toEqual(['__proto__', '1.10', 'true'])
    expect(Object.hasOwn({}, 'x')).toBe(false)
  })

  it('tells file and line of a syntax error', () => {
    const error = problem(`${pod}spec:\n  a: [1, 2\nb: 3\n`)
    expect(error).toMatchObject({ code: 'MANIFEST_FILE_INVALID', side: 'source', about: 'app.yaml' })
    expect(error.at).toMatch(/^app\.yaml:[67]$/)
    expect(error.message).toContain(`${error.at}: it is no YAML`)
    expect(error.hint).toContain('kubectl')
  })

  it('tells the line in the file, not in the document', () => {
    expect(problem(`${pod}---\n${pod}---\nkind: "x\n`).at).toMatch(/^app\.yaml:1[01]$/)
  })

  it.each([
    ['a control line', `${pod}{{- if .Values.x }}\nspec: 1\n{{- end }}\n`, 4],
    ['a value', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n', 4],
    ['a part of a value', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-web\n', 4],
  ])('says that a file is a template: %s', (_, text, line) => {
    const error = problem(text, 'templates/web.yaml')
    expect(error.at).toBe(`templates/web.yaml:${line}`)
    expect(error.hint).toContain('template')
  })

  it('does not mind braces inside a text', () => {
    const [document] = parseManifests(`${pod}spec:\n  summary: "{{ $labels.pod }} is down"\n`, 'a.yaml')
    expect(document?.value['spec']).toEqual({ summary: '{{ $labels.pod }} is down' })
  })

  it.each([
    ['a values file', 'image:\n  tag: 1\n', 'no apiVersion and no kind'],
    ['a list', '- a\n- b\n', 'single value or a list'],
    ['a text', 'hello\n', 'single value or a list'],
    ['a document without a kind', 'apiVersion: v1\n', 'no kind'],
  ])('refuses what is no Kubernetes object: %s', (_, text, message) => {
    expect(problem(`${pod}---\n${text}`)).toMatchObject({ code: 'MANIFEST_FILE_INVALID', at: 'app.yaml:5' })
    expect(problem(text).message).toContain(message)
  })

  it('refuses a list item that is no object, with its line', () => {
    expect(problem('apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- x: 1\n').at).toBe('app.yaml:6')
  })

  it.each([
    ['k8s/kustomization.yaml', 'resources: [app.yaml]\n'],
    ['k8s/all.yaml', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n'],
  ])('asks for a kustomization to be rendered first: %s', (file, text) => {
    expect(problem(text, file).hint).toContain('kubectl kustomize')
  })

  it('takes a Kustomization of Flux for the object that it is', () => {
    const text = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n'
    expect(parseManifests(text, 'apps.yaml')).toHaveLength(1)
  })

  it('refuses aliases that stand for too much, without building it', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 12; level += 1) {
      bomb.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`)
    }
    expect(problem(`${pod}${bomb.join('\n')}\n`).message).toContain('aliases stand for more than')
  })

  it('refuses an alias of itself and one without an anchor', () => {
    expect(problem(`${pod}a: &a [*a]\n`)).toMatchObject({ code: 'MANIFEST_FILE_INVALID' })
    expect(problem(`${pod}a: *b\n`)).toMatchObject({ code: 'MANIFEST_FILE_INVALID', at: 'app.yaml:4' })
  })

  it.each([300, 100_000])('refuses %d levels of nesting', (depth) => {
    expect(problem(`${pod}a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`).message).toContain('nested')
  })
})

describe('decodeText', () => {
  it('refuses what is not UTF-8, by the name of the file', () => {
    expect(() => decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0x00), 'images.txt')).toThrow(
      expect.objectContaining({ code: 'TEXT_NOT_UTF8', about: 'images.txt' }),
    )
    expect(decodeText(new TextEncoder().encode('\uFEFFaé'), 'a')).toBe('aé')
  })
})
