import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A third party's package of adapters, in plain JavaScript and without one of our packages: source `notes` (a file from each
 * text; the text "gone" fails, "odd" warns), sink `shelf` (keeps names and texts in a folder; refuses the text "no").
 */
const code = `
import { createHash } from 'node:crypto'
import { mkdir, writeFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const brand = Symbol.for('ropeway.adapter/1')
const digestOf = (bytes) => 'sha256:' + createHash('sha256').update(bytes).digest('hex')
const descriptorOf = (mediaType, bytes) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
const schema = (properties) => ({
  '~standard': {
    version: 1,
    vendor: 'notes',
    validate: (value) => ({ value }),
    jsonSchema: {
      input: () => ({ type: 'object', properties, additionalProperties: false }),
      output: () => ({ type: 'object', properties, additionalProperties: false }),
    },
  },
})
const adapter = (value) => Object.freeze(Object.defineProperty(value, brand, { value: true }))

function note(text) {
  const layer = Buffer.from(text)
  const config = Buffer.from('{}')
  const blobs = [descriptorOf('application/vnd.oci.empty.v1+json', config), descriptorOf('text/plain', layer)]
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.notes',
    config: blobs[0],
    layers: [blobs[1]],
  }))
  const root = descriptorOf('application/vnd.oci.image.manifest.v1+json', manifest)
  const all = new Map([[root.digest, manifest], [blobs[0].digest, config], [blobs[1].digest, layer]])
  const content = {
    async *open({ digest }, { offset = 0, end } = {}) {
      yield all.get(digest).subarray(offset, end)
    },
  }
  return {
    kind: 'file',
    name: text + '.txt',
    version: '1',
    source: { location: 'notes', locator: text },
    root,
    content,
    naming: { path: 'notes/' + text, tags: ['1'] },
    destinations: [{ registry: 'shelf.example', repository: 'notes/' + text, tag: '1' }],
  }
}

export const source = adapter({
  kind: 'source',
  name: 'notes',
  summary: 'notes',
  shorthand: 'texts',
  options: schema({ texts: { type: 'array', items: { type: 'string' } } }),
  async *resolve({ texts }, context) {
    for (const text of texts) {
      if (text === 'odd') context.log.warn({ code: 'NOTE_ODD', message: 'a note is odd', about: text + '.txt', hint: 'write another' })
      if (text === 'gone') yield { about: text, error: new Error('it is gone') }
      else yield note(text)
    }
  },
  reopen: async (locked) => note(locked.source.locator).content,
})

export const sink = adapter({
  kind: 'sink',
  name: 'shelf',
  summary: 'a folder',
  options: schema({ folder: { type: 'string' } }),
  accepts: ['file'],
  takes: 'artifacts',
  async survey(plan, { folder }) {
    const there = new Set(await readdir(folder).catch(() => []))
    return { location: folder, complete: plan.artifacts.every(({ name }) => there.has(name)) }
  },
  async open(plan, survey, { folder }) {
    return {
      type: 'artifacts',
      async put(artifact, content) {
        const chunks = []
        for await (const chunk of content.open(artifact.blobs.at(-1))) chunks.push(chunk)
        if (artifact.name === 'no.txt') throw new Error('the shelf refuses it')
        await mkdir(folder, { recursive: true })
        await writeFile(join(folder, artifact.name), Buffer.concat(chunks))
      },
      close: async () => ({ location: folder, next: ['ls ' + folder], facts: { shelf: 'full' } }),
      abort: async () => undefined,
    }
  },
})
`

/** Writes the package, and the folder of user data in which it is linked as \`ropeway plugins link\` does. Returns the latter. */
export async function linkPlugin(folder: string): Promise<string> {
  const root = join(folder, 'notes-plugin')
  const data = join(folder, 'data')
  await mkdir(root, { recursive: true })
  await mkdir(data, { recursive: true })
  const adapters = [
    { kind: 'source', name: 'notes', module: './index.js', export: 'source' },
    { kind: 'sink', name: 'shelf', module: './index.js', export: 'sink' },
  ]
  const name = 'ropeway-plugin-notes'
  const manifest = { name, version: '1.2.3', type: 'module', oclif: { ropeway: { apiVersion: 1, adapters } } }
  await writeFile(join(root, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(root, 'index.js'), code)
  await writeFile(join(data, 'package.json'), JSON.stringify({ oclif: { plugins: [{ name, type: 'link', root }] } }))
  return data
}
