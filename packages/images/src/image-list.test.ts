import { formatReference } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { parseImageList } from './image-list.js'

const references = (text: string): string[] =>
  parseImageList(text, 'images.txt').images.map(({ reference }) => formatReference(reference))

describe('parseImageList', () => {
  it('reads one reference a line, with comments at the start of lines and behind references', () => {
    const text = '# helper images\n\nregistry.example/app/web:1 # used by hand\nredis:8\t#cache\n   # indented\n'
    expect(parseImageList(text, 'images.txt')).toEqual({
      images: [
        {
          reference: { registry: 'registry.example', repository: 'app/web', tag: '1' },
          text: 'registry.example/app/web:1',
          line: 3,
          comment: 'used by hand',
        },
        {
          reference: { registry: 'docker.io', repository: 'library/redis', tag: '8' },
          text: 'redis:8',
          line: 4,
          comment: 'cache',
        },
      ],
      invalid: [],
    })
  })

  it('reads files of Windows editors: CRLF and a byte order mark', () => {
    expect(references('\uFEFFalpine:3.20\r\n\r\n# no\r\nbusybox:1 # yes\r\n')).toEqual([
      'docker.io/library/alpine:3.20',
      'docker.io/library/busybox:1',
    ])
    expect(parseImageList('alpine\r\nBAD\r\n', 'l.txt').invalid[0]?.at).toBe('l.txt:2')
  })

  it('needs no line end behind the last line and finds nothing in an empty list', () => {
    expect(references('alpine:3')).toEqual(['docker.io/library/alpine:3'])
    expect(references('')).toEqual([])
    expect(references('# nothing\n')).toEqual([])
  })

  it('does not cut a word at a hash sign', () => {
    const { images, invalid } = parseImageList('alpine:3#5\n', 'images.txt')
    expect(images).toEqual([])
    expect(invalid).toHaveLength(1)
  })

  it('tells every bad line with its place and keeps the good ones', () => {
    const { images, invalid } = parseImageList(
      'alpine:3\nNot/Lower:1\nalpine:3 busybox:1\nhttps://registry.example/app:1\n- redis\nbusybox:1\n',
      'lists/images.txt',
    )
    expect(images.map(({ text }) => text)).toEqual(['alpine:3', 'busybox:1'])
    expect(invalid.map(({ at, about, code, side }) => ({ at, about, code, side }))).toEqual(
      [
        { at: 'lists/images.txt:2', about: 'Not/Lower:1' },
        { at: 'lists/images.txt:3', about: 'alpine:3 busybox:1' },
        { at: 'lists/images.txt:4', about: 'https://registry.example/app:1' },
        { at: 'lists/images.txt:5', about: '- redis' },
      ].map((line) => ({ ...line, code: 'IMAGE_LIST_INVALID', side: 'source' })),
    )
    expect(invalid[1]?.message).toContain('lists/images.txt:3: 2 words where one reference belongs')
  })

  it('never shows the password of an address that was taken for a reference', () => {
    const [error] = parseImageList('https://user:hunter2@registry.example/app:1\n', 'images.txt').invalid
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })
})
