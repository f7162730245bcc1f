import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { collect, createDigester, inlineData, isDigest, parseDigest, sha256, verified, verifyBytes } from './index.js'

const text = new TextEncoder().encode('hello, world')
const descriptor = { mediaType: 'text/plain', digest: sha256(text), size: text.byteLength }

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? new TextEncoder().encode(part) : part
}

/** What a reader got before the stream ended or failed. */
async function read(stream: AsyncIterable<Uint8Array>): Promise<{ got: string; code: string | undefined }> {
  let got = ''
  try {
    for await (const chunk of stream) got += Buffer.from(chunk).toString()
    return { got, code: undefined }
  } catch (error) {
    return { got, code: (error as { code: string }).code }
  }
}

describe('parseDigest', () => {
  it('reads sha256 and sha512', () => {
    expect(parseDigest(`sha256:${'0a'.repeat(32)}`)).toEqual({ algorithm: 'sha256', encoded: '0a'.repeat(32) })
    expect(parseDigest(`sha512:${'0a'.repeat(64)}`).algorithm).toBe('sha512')
  })

  it.each(['md5:d41d8cd98f00b204e9800998ecf8427e', 'sha384:00', 'blake3:ff', 'constructor:00', 'multihash+base58:Qm'])(
    'refuses the algorithm of %s',
    (digest) => {
      expect(() => parseDigest(digest)).toThrow(expect.objectContaining({ code: 'DIGEST_UNSUPPORTED' }))
      expect(isDigest(digest)).toBe(false)
    },
  )

  it.each([
    '',
    'sha256',
    'sha256:',
    ':00',
    'sha256:00',
    `sha256:${'G'.repeat(64)}`,
    `sha256:${'A'.repeat(64)}`,
    '../x:0',
  ])('refuses "%s"', (digest) => {
    expect(() => parseDigest(digest)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }))
    expect(isDigest(digest)).toBe(false)
  })

  it('reports on the side and about the thing it was asked for', () => {
    expect(() => parseDigest('md5:00', { side: 'sink', about: 'app:1' })).toThrow(
      expect.objectContaining({ side: 'sink', about: 'app:1' }),
    )
  })
})

describe('createDigester', () => {
  it('can be asked in the middle and goes on', () => {
    const digester = createDigester('sha512:00')
    digester.update(text.subarray(0, 5))
    expect(digester.size).toBe(5)
    expect(digester.digest()).toBe(`sha512:${createHash('sha512').update('hello').digest('hex')}`)
    const copy = digester.copy()
    digester.update(text.subarray(5))
    expect(digester.digest()).toBe(`sha512:${createHash('sha512').update(text).digest('hex')}`)
    expect(copy.size).toBe(5)
  })
})

describe('verified', () => {
  it('passes the right bytes through', async () => {
    expect(await read(verified(chunks('hello', '', ', ', 'world'), descriptor))).toEqual({
      got: 'hello, world',
      code: undefined,
    })
  })

  it('hands out no last chunk of bytes that are wrong', async () => {
    expect(await read(verified(chunks('hello', ', ', 'World'), descriptor))).toEqual({
      got: 'hello, ',
      code: 'DIGEST_MISMATCH',
    })
    expect(await read(verified(chunks('World, hello'), descriptor))).toEqual({ got: '', code: 'DIGEST_MISMATCH' })
  })

  it('tells a stream that is too short', async () => {
    expect(await read(verified(chunks('hello', ', '), descriptor))).toEqual({ got: 'hello', code: 'SIZE_MISMATCH' })
    expect(await read(verified(chunks(), descriptor))).toEqual({ got: '', code: 'SIZE_MISMATCH' })
  })

  it('stops reading a stream that is too long', async () => {
    let pulled = 0
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) {
        pulled++
        yield text
      }
    }
    expect(await read(verified(endless(), descriptor))).toEqual({ got: '', code: 'SIZE_MISMATCH' })
    expect(pulled).toBe(2)
  })

  it('goes on where a running hash stands, and leaves that hash alone', async () => {
    const prefix = createDigester(descriptor.digest)
    prefix.update(text.subarray(0, 7))
    expect(await read(verified(chunks('world'), descriptor, { prefix }))).toEqual({ got: 'world', code: undefined })
    expect(prefix.size).toBe(7)
  })

  it('accepts empty content', async () => {
    const empty = { digest: sha256(''), size: 0 }
    expect(await read(verified(chunks(), empty))).toEqual({ got: '', code: undefined })
  })

  it('is an error of verification that names the content', async () => {
    const stream = verified(chunks('x'), descriptor, { about: 'app/web:1' })
    await expect(collect(stream, 100)).rejects.toMatchObject({ side: 'verification', about: 'app/web:1', exitCode: 6 })
  })
})

describe('verifyBytes', () => {
  it('throws for other bytes and for another size', () => {
    expect(() => verifyBytes(text, descriptor)).not.toThrow()
    expect(() => verifyBytes(text.subarray(1), descriptor)).toThrow(expect.objectContaining({ code: 'SIZE_MISMATCH' }))
    expect(() => verifyBytes(Buffer.from('hello; world'), descriptor)).toThrow(
      expect.objectContaining({ code: 'DIGEST_MISMATCH' }),
    )
  })
})

describe('collect', () => {
  it('joins chunks up to the limit', async () => {
    expect(Buffer.from(await collect(chunks('a', 'bc'), 3)).toString()).toBe('abc')
    expect(await collect(chunks(), 3)).toHaveLength(0)
  })

  it('stops as soon as more came', async () => {
    await expect(collect(chunks('ab', 'cd'), 3, { side: 'sink', about: 'x' })).rejects.toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      side: 'sink',
      about: 'x',
    })
  })
})

describe('inlineData', () => {
  it('gives the bytes only when they are what the descriptor says', () => {
    const data = Buffer.from(text).toString('base64')
    expect(inlineData({ ...descriptor, data })).toEqual(text)
    expect(inlineData(descriptor)).toBeUndefined()
    expect(inlineData({ ...descriptor, data: 'e30=' })).toBeUndefined()
    expect(inlineData({ ...descriptor, data: Buffer.from('hello; world').toString('base64') })).toBeUndefined()
  })
})
