import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { filesOptions } from './options.js'

const accepts = (name: string) => filesOptions.safeParse({ files: [{ path: 'a', name }] }).success

describe('the options of files', () => {
  it('take file names, and nothing that leaves the folder or the line', () => {
    for (const name of ['install.sh', '..a', 'Straße 1.txt']) expect(accepts(name)).toBe(true)
    for (const name of ['', '.', '..', 'a/b', 'a\\b', 'a\nb', 'a\u007f', 'a\u0085']) expect(accepts(name)).toBe(false)
  })

  it('have patterns that every reader of JSON Schema understands', () => {
    const text = JSON.stringify(z.toJSONSchema(filesOptions, { target: 'draft-07', io: 'input' }))
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, json = '']) =>
      String(JSON.parse(json)),
    )
    expect(patterns.length).toBeGreaterThan(0)
    for (const pattern of patterns) expect(pattern).not.toMatch(/\\[pP]\{/)
  })
})
