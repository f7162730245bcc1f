import { createServer, type RequestListener, type Server } from 'node:http'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  fakeRegistry,
  faultProxy,
  makeArtifact,
  makeImage,
  makeTar,
  writeBytes,
  type FakeRegistry,
  type TarEntry,
} from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDesk, type Desk } from './harness/desk.ts'
import { freePort, realRegistry } from './harness/registry.ts'

const closing: (() => Promise<unknown>)[] = []
let desk: Desk
let registry: FakeRegistry
/** An image that is there. */
let web: string

async function opened<T extends { close(): Promise<unknown> }>(thing: Promise<T>): Promise<T> {
  const made = await thing
  closing.push(() => made.close())
  return made
}

/** A server that is no registry. Returns its host. */
async function served(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' && address !== null ? String(address.port) : ''}`
}

const variableOf = (host: string) => `ROPEWAY_REGISTRY_${host.replace(/[^A-Za-z0-9]/g, '_')}`
const tagsOf = async (there: FakeRegistry): Promise<string[]> =>
  (await Promise.all((await there.storage.repositories()).map((name) => there.storage.tags.tags(name)))).flatMap(
    (tags) => tags ?? [],
  )

beforeAll(async () => {
  desk = await openDesk('bad-input')
  registry = await opened(fakeRegistry())
  const image = await makeImage({ layers: [{ size: 400_000, seed: 'web' }] })
  await registry.push('app/web', image, ['1.2.3', '1.2.4', '2.0.0', 'latest'])
  web = `${registry.host}/app/web:1.2.3`
})
afterAll(async () => {
  await Promise.allSettled(closing.map((close) => close()))
  await desk.remove()
})

describe('a chain with a mistake', () => {
  it('is told with the line, and the nearest name', async () => {
    const written = (step: string) => `name: platform\nsources:\n  - ${step}\n`
    const cases: [string, string, string, string][] = [
      [written(`ocii: { reference: "${web}" }`), 'ADAPTER_UNKNOWN', 'ropeway.yaml:3', 'Did you mean "oci"?'],
      [written(`oci: { referense: "${web}" }`), 'OPTION_UNKNOWN', 'ropeway.yaml:3', '"reference"'],
      [written(`oci:\n      reference: "${web}"\n      kind: picture`), 'OPTION_INVALID', 'ropeway.yaml:5', 'image'],
      [
        `${written(`oci: { reference: "${web}" }`)}sink: []\n`,
        'CHAIN_KEY_UNKNOWN',
        'ropeway.yaml:4',
        'Did you mean "sinks"?',
      ],
      [
        `${written(`oci: { reference: "${web}" }`)}sinks: [{ regstry: {} }]\n`,
        'ADAPTER_UNKNOWN',
        'ropeway.yaml:4',
        '"registry"',
      ],
      [`name: platform\nsources: [oci: {\n`, 'CHAIN_SYNTAX', 'ropeway.yaml:3', ''],
      ['name: platform\n', 'CHAIN_KEY_INVALID', '', 'sources'],
      ['- a list\n', 'CHAIN_NOT_A_MAP', '', 'ropeway.yaml'],
      ['', 'CHAIN_NOT_A_MAP', '', 'ropeway.yaml'],
      [written(`oci: { reference: "{registry}/app/web:1" }`), 'CHAIN_VARIABLE_UNKNOWN', 'ropeway.yaml:3', '{registry}'],
      [written(`oci: { reference: "UPPER/Case:1" }`), 'REFERENCE_INVALID', 'ropeway.yaml:3', 'UPPER/Case'],
    ]
    for (const [text, code, at, says] of cases) {
      await desk.chain(text)
      const { error } = await desk.fails(['plan'])
      expect(error, text).toMatchObject({ code, exitCode: 2 })
      expect(error.at ?? '', text).toContain(at)
      expect(error.message, text).toContain(says)
    }
  })

  it('is told with all its mistakes at once', async () => {
    await desk.chain(
      'name: platform\nsources:\n  - ocii: {}\n  - oci: { reference: 1, kid: image }\nsinks:\n  - tarbal: {}\n',
    )
    const { error } = await desk.fails(['plan'])
    expect(error.code).toBe('CHAIN_INVALID')
    expect(error.errors?.map(({ code, at }) => `${code} ${at ?? ''}`).sort()).toEqual([
      'ADAPTER_UNKNOWN ropeway.yaml:3',
      'ADAPTER_UNKNOWN ropeway.yaml:6',
      'OPTION_UNKNOWN ropeway.yaml:4',
    ])
  })

  it('is told when there is none, or when something that it names is not there', async () => {
    for (const command of [['plan'], ['lock'], ['run'], ['export', '-o', 'x.tar']]) {
      const { error } = await desk.fails([...command, 'nowhere.yaml'])
      expect(error).toMatchObject({ code: 'CHAIN_MISSING', exitCode: 2, about: 'nowhere.yaml' })
    }
    await desk.chain({
      name: 'platform',
      sources: [{ files: { images: ['no.txt'], files: ['no.sh'], archives: ['no.tar'] } }],
    })
    const { error } = await desk.fails(['plan'])
    expect(error.exitCode).toBe(3)
    for (const file of ['no.txt', 'no.sh', 'no.tar']) expect(JSON.stringify(error)).toContain(file)
    expect(await readdir(desk.folder)).toEqual(['.home', 'ropeway.yaml'])
  })
})

describe('a command line with a mistake', () => {
  it('ends with 2, and the nearest name', async () => {
    const cases: [string[], string, string][] = [
      [['paln'], 'COMMAND_UNKNOWN', 'Did you mean "plan"?'],
      [['plan', '--sorce', 'x'], 'FLAG_UNKNOWN', '"--source"'],
      [['plan', '--concurrency', 'many'], 'FLAG_INVALID', 'many'],
      [['export'], 'FLAG_INVALID', 'output'],
      [['import'], 'ARGUMENT_MISSING', 'BUNDLE'],
      [['plan', 'a.yaml', 'b.yaml'], 'ARGUMENT_UNEXPECTED', 'b.yaml'],
      [['plan', '--source', web], 'SHORTHAND_INVALID', 'NAME=VALUE'],
      [['plan', '--source', `ocii=${web}`], 'ADAPTER_UNKNOWN', 'Did you mean "oci"?'],
      [['plan', '--source', `oci={reference: ${web}, kid: image}`], 'OPTION_UNKNOWN', '"kind"'],
      [['plan', '--source', `oci=${web}`, '--platform', 'linux'], 'PLATFORM_INVALID', 'linux'],
      [['plan', '--source', `oci=${web}`, '--only', 'imag'], 'ONLY_MATCHES_NOTHING', 'imag'],
      [['plan', '--source', `oci=${web}`, '--var', 'x'], 'FLAG_INVALID', '--var'],
      [['plan', '--source', 'oci=registry.example/{host}:1', '--var', 'hots=x'], 'CHAIN_VARIABLE_UNKNOWN', '"hots"'],
      [['import', 'x.tar', '--existing', 'maybe'], 'FLAG_INVALID', 'maybe'],
    ]
    for (const [args, code, says] of cases) {
      const { error, stdout } = await desk.fails(args)
      expect(error, args.join(' ')).toMatchObject({ code, exitCode: 2 })
      expect(stdout, args.join(' ')).toContain(JSON.stringify(says).slice(1, -1))
    }
  })
})

describe('a registry that cannot be reached', () => {
  it('is told on the side where it is, with the reason and the place', async () => {
    const closed = `127.0.0.1:${String(await freePort())}`
    await desk.chain({
      name: 'platform',
      sources: [{ oci: { reference: web } }],
      transforms: [{ rewrite: { registry: closed } }],
      sinks: [{ registry: {} }],
    })
    expect((await desk.fails(['run'])).error).toMatchObject({
      code: 'SINK_UNREACHABLE',
      exitCode: 5,
      message: expect.stringMatching(`${closed} cannot be reached: nothing listens there`),
      at: expect.stringMatching(/^ropeway\.yaml:/),
    })
    expect((await desk.fails(['plan', '--source', `oci=${closed}/app/web:1`])).error).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      exitCode: 3,
      about: `${closed}/app/web:1`,
    })
    expect((await desk.fails(['plan', '--source', 'oci=nowhere.invalid/app/web:1'])).error).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('the name does not exist'),
    })
  })

  it('is told when its certificate is not trusted, or it speaks plain HTTP', async () => {
    const secure = await opened(realRegistry({ tls: true }))
    expect((await desk.fails(['plan', '--source', `oci=${secure.host}/app/web:1`])).error).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringMatching(/certificate/),
      hint: expect.stringContaining('--ca-file'),
    })
    const trusted = await desk.fails([
      'plan',
      '--source',
      `oci=${secure.host}/app/web:1`,
      '--ca-file',
      secure.caFile ?? '',
    ])
    expect(trusted.error.code).toBe('SOURCE_NOT_FOUND')
    const noFile = await desk.fails(['plan', '--source', `oci=${secure.host}/app/web:1`, '--ca-file', 'no.pem'])
    expect(noFile.error).toMatchObject({ code: 'CA_FILE_INVALID', exitCode: 2, about: 'no.pem' })
  })
})

describe('credentials that are not accepted', () => {
  const secrets = ['hunter2-of-ada', Buffer.from('ada:hunter2-of-ada').toString('base64')]
  const quiet = (text: string) => {
    for (const secret of secrets) expect(text).not.toContain(secret)
  }

  async function refusals(host: string, env: Readonly<Record<string, string>>) {
    await desk.chain({
      name: 'platform',
      sources: [{ oci: { reference: web } }],
      transforms: [{ rewrite: { registry: host } }],
      sinks: [{ registry: {} }],
    })
    const said: { code: string; tried: string }[] = []
    for (const args of [['plan', '--source', `oci=${host}/app/web:1`], ['run'], ['plan', '--check']]) {
      const { error, stdout, stderr } = await desk.fails([...args, '--events', 'events.ndjson'], { env })
      said.push({ code: error.code, tried: (error.tried ?? []).join('\n') })
      quiet(stdout + stderr + (await readFile(join(desk.folder, 'events.ndjson'), 'utf8')))
      for (const flag of ['--debug', '--verbose', '--quiet']) {
        const screen = await desk.run([...args, flag], { env })
        quiet(screen.stdout + screen.stderr)
      }
    }
    return said
  }

  it.each(['basic', 'token'] as const)('are named, never shown (%s)', async (type) => {
    const auth = type === 'basic' ? { username: 'ada', password: 'right' } : { type, users: { ada: 'right' } }
    const { host } = await opened(fakeRegistry({ auth }))
    const variable = variableOf(host)
    const given = `${variable}_USERNAME / _PASSWORD (user ada)`
    // Where tokens are given out, what everybody may read is tried without the user too.
    const source = { code: 'SOURCE_UNAUTHORIZED', tried: type === 'basic' ? given : `${given}\nanonymous` }
    const sink = { code: 'SINK_UNAUTHORIZED', tried: given }
    const env = { [`${variable}_USERNAME`]: 'ada', [`${variable}_PASSWORD`]: 'hunter2-of-ada' }
    expect(await refusals(host, env)).toEqual([source, sink, sink])
  })

  it('are named when they come from a file, or when there are none', async () => {
    const { host } = await opened(fakeRegistry({ auth: { username: 'ada', password: 'right' } }))
    const folder = join(desk.folder, 'docker')
    await mkdir(folder)
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth: secrets[1] } } }))
    const [source, ...sinks] = await refusals(host, { DOCKER_CONFIG: folder })
    expect(source).toMatchObject({
      code: 'SOURCE_UNAUTHORIZED',
      tried: expect.stringMatching(/config\.json \(user ada\)/),
    })
    for (const sink of sinks) expect(sink).toMatchObject({ code: 'SINK_UNAUTHORIZED', tried: source?.tried })
    const [nobody] = await refusals(host, {})
    expect(nobody?.tried).toMatch(/^anonymous\nnothing for .*ROPEWAY_REGISTRY_.*config\.json/)
  })

  it('are told apart from a missing permission', async () => {
    const { host } = await opened(
      fakeRegistry({ auth: { type: 'token', users: { ada: 'hunter2-of-ada' }, access: () => ['pull'] } }),
    )
    const variable = variableOf(host)
    const env = { [`${variable}_USERNAME`]: 'ada', [`${variable}_PASSWORD`]: 'hunter2-of-ada' }
    await desk.chain({
      name: 'platform',
      sources: [{ oci: { reference: web } }],
      transforms: [{ rewrite: { registry: host } }],
      sinks: [{ registry: {} }],
    })
    const { error, stdout, stderr } = await desk.fails(['run'], { env })
    expect(error).toMatchObject({
      code: 'SINK_FORBIDDEN',
      exitCode: 5,
      message: expect.stringContaining('push to app/web'),
    })
    quiet(stdout + stderr)
  })

  it('in a URL, a file or a variable are found out when they cannot be right, and not shown', async () => {
    const variable = variableOf(registry.host)
    const half = await desk.fails(['plan', '--source', `oci=${web}`], {
      env: { [`${variable}_PASSWORD`]: 'hunter2-of-ada' },
    })
    expect(half.error).toMatchObject({ code: 'CREDENTIAL_INCOMPLETE', exitCode: 3 })
    quiet(half.stdout + half.stderr)
    const folder = join(desk.folder, 'broken-docker')
    await mkdir(folder)
    await writeFile(join(folder, 'config.json'), `{"auths": {"${registry.host}": {"auth": "${secrets[1] ?? ''}"`)
    const broken = await desk.fails(['plan', '--source', `oci=${web}`, '--debug'], { env: { DOCKER_CONFIG: folder } })
    expect(broken.error).toMatchObject({
      code: 'CREDENTIAL_FILE_INVALID',
      about: expect.stringContaining('config.json'),
    })
    quiet(broken.stdout + broken.stderr)
    const url = await desk.fails([
      'plan',
      '--source',
      `files={files: "http://ada:hunter2-of-ada@${registry.host}/x.sh"}`,
      '--debug',
    ])
    quiet(url.stdout + url.stderr)
  })
})

describe('something that is not there', () => {
  it('is told with tags that look like it, for all at once', async () => {
    const { error } = await desk.fails([
      'plan',
      ...['app/web:1.2.5', 'app/web:lates', 'app/wep:1', `app/web@sha256:${'0'.repeat(64)}`].flatMap((name) => [
        '--source',
        `oci=${registry.host}/${name}`,
      ]),
    ])
    expect(error).toMatchObject({ code: 'RESOLVE_FAILED', exitCode: 3 })
    expect(error.errors?.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'SOURCE_NOT_FOUND'))
    const hintOf = (name: string) => error.errors?.find(({ about }) => about?.endsWith(name) === true)?.hint
    expect(hintOf('app/web:1.2.5')).toMatch(/1\.2\.4.*1\.2\.3|1\.2\.3.*1\.2\.4/)
    expect(hintOf('app/web:lates')).toContain('latest')
  })
})

describe('content that is not what its digest says', () => {
  const corrupt = (path: RegExp, method = 'GET') =>
    opened(faultProxy(registry.url, { rules: [{ path, method, times: 1000, fault: { type: 'corrupt', at: 20 } }] }))

  it('is refused as a layer, and neither a file nor a tag appears', async () => {
    const proxy = await corrupt(/\/blobs\/sha256/)
    const file = await desk.fails(['export', '--source', `oci=${proxy.host}/app/web:1.2.3`, '-o', 'wrong.tar'])
    expect(file.error).toMatchObject({ code: 'DIGEST_MISMATCH', exitCode: 6, side: 'verification' })
    expect(await readdir(desk.folder)).not.toContain('wrong.tar')
    const far = await opened(fakeRegistry())
    await desk.chain({
      name: 'platform',
      sources: [{ oci: { reference: `${proxy.host}/app/web:1.2.3` } }],
      transforms: [{ rewrite: { registry: far.host } }],
      sinks: [{ registry: {} }],
    })
    expect((await desk.fails(['run'])).error).toMatchObject({ code: 'DIGEST_MISMATCH', exitCode: 6 })
    expect(await tagsOf(far)).toEqual([])
  })

  it('is refused as a manifest', async () => {
    await registry.push('app/other', await makeImage({ layers: [{ size: 400, seed: 'other' }] }), ['1'])
    const proxy = await corrupt(/\/manifests\//)
    const { error } = await desk.fails(['plan', '--source', `oci=${proxy.host}/app/other:1`])
    expect(error).toMatchObject({ code: 'DIGEST_MISMATCH', exitCode: 6 })
  })
})

describe('content that is not OCI', () => {
  const manifest = 'application/vnd.oci.image.manifest.v1+json'
  const json =
    (text: string): RequestListener =>
    (request, response) => {
      response.writeHead(200, { 'content-type': request.url === '/v2/' ? 'application/json' : manifest })
      response.end(text)
    }

  it.each<[string, RequestListener, string[]]>([
    [
      'a web page',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>'),
      ['SOURCE_BAD_RESPONSE'],
    ],
    ['JSON of another kind', json('{"hello": 1}'), ['MANIFEST_INVALID']],
    ['JSON that is no object', json('[1]'), ['MANIFEST_INVALID']],
    [
      'a manifest that is an index too',
      json(JSON.stringify({ schemaVersion: 2, mediaType: manifest, manifests: [], layers: [] })),
      ['MANIFEST_INVALID'],
    ],
    [
      'schema 1',
      json(JSON.stringify({ schemaVersion: 1, name: 'web', tag: '1', fsLayers: [] })),
      ['MANIFEST_SCHEMA1', 'MANIFEST_INVALID'],
    ],
  ])('is refused: %s', async (_what, listener, codes) => {
    const host = await served(listener)
    const { error } = await desk.fails(['plan', '--source', `oci=${host}/app/web:1`])
    expect(codes).toContain(error.code)
    expect(error.exitCode).toBe(3)
    expect(error.about).toContain(`${host}/app/web:1`)
  })

  it('is refused as a destination', async () => {
    const host = await served((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>'),
    )
    await desk.runOk(['export', '--source', `oci=${web}`, '-o', 'good.tar'])
    const { error } = await desk.fails(['import', 'good.tar', '--registry', host])
    expect(error).toMatchObject({ code: 'SINK_BAD_RESPONSE', exitCode: 5 })
  })

  it.each(['huge', 'endless'])('is refused when a manifest is %s, without reading it all', async (what) => {
    let sent = 0
    const host = await served((request, response) => {
      if (request.url === '/v2/') return void response.end('{}')
      const length = what === 'huge' ? { 'content-length': 1_000_000_000 } : {}
      response.writeHead(200, { 'content-type': manifest, ...length })
      if (request.method === 'HEAD') return void response.end()
      const spaces = Buffer.alloc(65_536, ' ')
      const more = () => {
        while (!response.destroyed) {
          sent += spaces.length
          if (!response.write(spaces)) return
        }
      }
      response.on('drain', more)
      more()
    })
    const { error } = await desk.fails(['plan', '--source', `oci=${host}/app/web:1`])
    expect(error).toMatchObject({ code: 'CONTENT_TOO_LARGE', exitCode: 3, about: `${host}/app/web:1` })
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })
})

describe('a hostile archive', () => {
  const file = (path: string): TarEntry => ({ path, content: 'hostile' })
  it.each<[string, TarEntry[]]>([
    ['a path that leads out', [file('../../escaped.txt')]],
    ['a path in the middle that leads out', [file('blobs/../../escaped.txt')]],
    ['an absolute path', [file('/tmp/ropeway-escaped.txt')]],
    ['a symbolic link', [{ path: 'index.json', type: 'symlink', target: '/etc/passwd' }]],
    ['a hard link', [{ path: 'index.json', type: 'hardlink', target: '../../../etc/passwd' }]],
  ])('is refused for %s, and nothing is written', async (_what, entries) => {
    await writeBytes(
      join(desk.folder, 'hostile.tar'),
      makeTar([{ path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' }, ...entries]),
    )
    await desk.chain({ name: 'platform', sources: [{ files: { archives: ['hostile.tar'] } }] })
    const { error, stdout } = await desk.fails(['export', '-o', 'hostile-out.tar'])
    expect(error).toMatchObject({ code: 'TAR_HOSTILE', exitCode: 3 })
    expect(stdout).not.toContain('root:')
    const left = await readdir(desk.folder)
    expect(left.filter((name) => name.startsWith('hostile-out') || name.includes('escaped'))).toEqual([])
    const bundle = await desk.fails(['import', 'hostile.tar', '--registry', registry.host])
    expect(bundle.error.exitCode).toBe(6)
  })

  it('and an artifact with a path that leads out writes nothing outside when it is fetched', async () => {
    for (const title of ['../escaped.txt', '/tmp/ropeway-escaped.txt', 'a/../../escaped.txt']) {
      const layer = {
        mediaType: 'text/plain',
        content: 'hostile',
        annotations: { 'org.opencontainers.image.title': title },
      }
      await registry.push(
        'hostile',
        await makeArtifact({ artifactType: 'application/vnd.example.file', layers: [layer] }),
        ['1'],
      )
      const { error } = await desk.fails(['fetch', `${registry.host}/hostile:1`, '-o', 'fetched'])
      expect(error).toMatchObject({ code: 'FETCH_HOSTILE_PATH', exitCode: 6 })
      expect((await readdir(desk.folder)).filter((name) => name.includes('escaped'))).toEqual([])
    }
  })
})
