import { describe, expect, it } from 'vitest'
import { count, duration, exactSize, listed, shortDigest, size } from './measure.js'

describe('measures', () => {
  it('gives sizes three significant digits and no needless zeros', () => {
    const pairs: [number, string][] = [
      [0, '0 B'],
      [999, '999 B'],
      [1000, '1 KB'],
      [4096, '4.1 KB'],
      [99_960, '100 KB'],
      [999_499, '999 KB'],
      [999_501, '1 MB'],
      [1_840_000_000, '1.84 GB'],
      [12_100_000_000, '12.1 GB'],
      [612_000_000, '612 MB'],
      [2 ** 53, '9.01 PB'],
    ]
    for (const [bytes, text] of pairs) expect(size(bytes)).toBe(text)
  })
  it('groups exact sizes by threes', () => {
    expect(exactSize(1_234_567_168)).toBe('1,234,567,168 bytes')
    expect(exactSize(1)).toBe('1 byte')
    expect(exactSize(999)).toBe('999 bytes')
  })
  it('never shows sixty seconds or sixty minutes', () => {
    expect(duration(120)).toBe('0.1 s')
    expect(duration(9_949)).toBe('9.9 s')
    expect(duration(59_600)).toBe('1 min 0 s')
    expect(duration(185_000)).toBe('3 min 5 s')
    expect(duration(3_599_600)).toBe('1 h 0 min')
    expect(duration(7_440_000)).toBe('2 h 4 min')
  })
  it('counts and lists as people do', () => {
    expect([count(1, 'blob'), count(1200, 'blob'), count(2, 'retry', 'retries')]).toEqual([
      '1 blob',
      '1,200 blobs',
      '2 retries',
    ])
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
  })
  it('shortens digests, and nothing else', () => {
    expect(shortDigest(`sha256:${'3f'.repeat(32)}`)).toBe('sha256:3f3f3f3f3f3f…')
    expect(shortDigest('short')).toBe('short')
  })
})
