import { describe, expect, it } from 'vitest'
import {
  byteLength,
  compareStrings,
  fromBytes,
  isAscii,
  joined,
  sliceBytes,
  sortedKeys,
  toBytes,
  toRunes,
} from './index.js'

const binary = Uint8Array.from([0x61, 0xff, 0xc3, 0xa9, 0xc3, 0x00, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x80])

describe('strings as bytes', () => {
  it('bring every byte back', () => {
    expect(toBytes(fromBytes(binary))).toEqual(binary)
    expect(toBytes(fromBytes(Uint8Array.from({ length: 256 }, (_, at) => at)))).toHaveLength(256)
  })

  it('keep valid text as it is', () => {
    expect(fromBytes(new TextEncoder().encode('héllo 😀\ufeff'))).toBe('héllo 😀\ufeff')
    expect(fromBytes(binary)).toBe('a\udcffé\udcc3\0\udced\udca0\udc80😀')
  })

  it('are measured and cut in bytes', () => {
    expect(byteLength('héllo')).toBe(6)
    expect(byteLength('日😀')).toBe(7)
    expect(byteLength(fromBytes(binary))).toBe(binary.length)
    expect(sliceBytes('héllo', 0, 2)).toBe('h\udcc3')
    expect(sliceBytes('hello', 1, 3)).toBe('el')
  })

  it('become whole again when their parts are put together', () => {
    const text = sliceBytes('é', 0, 1) + sliceBytes('é', 1, 2)
    expect(joined(text)).toBe('é')
    expect(toBytes(text)).toEqual(toBytes('é'))
  })

  it('are ordered by bytes, not by UTF-16 units', () => {
    expect(['\ue000', '😀', 'z', 'Z', 'é', ''].sort(compareStrings)).toEqual(['', 'Z', 'z', 'é', '\ue000', '😀'])
    expect(compareStrings('a', 'ab')).toBeLessThan(0)
    expect(
      sortedKeys(
        new Map([
          ['b', 1],
          ['a', 2],
          ['B', 3],
        ]),
      ),
    ).toEqual(['B', 'a', 'b'])
  })

  it('show their runes, and U+FFFD for what is none', () => {
    expect(toRunes('a😀')).toEqual([0x61, 0x1f600])
    expect(toRunes(fromBytes(Uint8Array.of(0xff)))).toEqual([0xfffd])
    expect(isAscii('plain')).toBe(true)
    expect(isAscii('é')).toBe(false)
  })
})
