import type { Event, TimedEvent } from '@ropeway/core'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`

/** A small run, from the first phase to the last byte: every kind of event once at least. */
export const script: readonly TimedEvent[] = timed([
  [0, { type: 'phase:start', phase: 'resolve' }],
  [300, { type: 'artifact:resolved', kind: 'image', name: 'registry.example/app/web:1.2.3', digest: digest('a') }],
  [900, { type: 'retry', about: 'registry.example', attempt: 1, wait: 400, reason: '503' }],
  [1200, { type: 'artifact:resolved', kind: 'chart', name: 'podinfo', digest: digest('b') }],
  [1300, { type: 'log', level: 'info', message: 'cache: 2 of 2' }],
  [1400, { type: 'log', level: 'debug', message: 'token renewed' }],
  [
    1500,
    {
      type: 'warning',
      code: 'DESTINATION_KEPT',
      message: 'web holds another content',
      about: 'image:web',
      hint: 'ropeway run --existing overwrite',
    },
  ],
  [2000, { type: 'phase:done', phase: 'resolve', milliseconds: 2000 }],
  [2000, { type: 'phase:start', phase: 'name' }],
  [2001, { type: 'phase:done', phase: 'name', milliseconds: 1 }],
  [2001, { type: 'phase:start', phase: 'plan' }],
  [2500, { type: 'phase:done', phase: 'plan', milliseconds: 499 }],
  [2500, { type: 'phase:start', phase: 'deliver' }],
  [2600, { type: 'deliver:start', sinks: ['harbor.corp:5000/mirror'], artifacts: 3, blobs: 3, bytes: 60_000_000 }],
  [2600, { type: 'artifact:start', id: 'image:web:1.2.3', sink: 'harbor.corp:5000/mirror' }],
  [
    2600,
    {
      type: 'blob:start',
      digest: digest('c'),
      size: 40_000_000,
      artifact: 'image:registry.example/app/web:1.2.3',
      resumedAt: 0,
    },
  ],
  [
    2600,
    {
      type: 'blob:start',
      digest: digest('d'),
      size: 15_000_000,
      artifact: 'chart:podinfo:6.7.1',
      resumedAt: 5_000_000,
    },
  ],
  [3600, { type: 'blob:progress', digest: digest('c'), done: 10_000_000, size: 40_000_000 }],
  [4600, { type: 'blob:progress', digest: digest('c'), done: 20_000_000, size: 40_000_000 }],
  [4600, { type: 'blob:done', digest: digest('d'), size: 15_000_000, outcome: 'resumed' }],
  [
    4700,
    {
      type: 'artifact:done',
      id: 'chart:podinfo:6.7.1',
      sink: 'harbor.corp:5000/mirror',
      outcome: 'delivered',
      bytes: 15_000_000,
    },
  ],
  [4800, { type: 'retry', about: 'harbor.corp:5000', attempt: 2, wait: 6000, reason: '429 Too Many Requests' }],
  [
    5000,
    {
      type: 'artifact:failed',
      id: 'file:install.sh',
      sink: 'harbor.corp:5000/mirror',
      message: 'denied',
      code: 'SINK_DENIED',
    },
  ],
  [6000, { type: 'blob:done', digest: digest('c'), size: 40_000_000, outcome: 'sent' }],
  [6100, { type: 'blob:done', digest: digest('e'), size: 5_000_000, outcome: 'mounted' }],
  [
    6200,
    {
      type: 'artifact:done',
      id: 'image:web:1.2.3',
      sink: 'harbor.corp:5000/mirror',
      outcome: 'present',
      bytes: 45_000_000,
    },
  ],
  [6300, { type: 'deliver:done', bytes: 50_000_000, milliseconds: 3700 }],
  [6300, { type: 'phase:done', phase: 'deliver', milliseconds: 3800 }],
])

function timed(events: readonly (readonly [number, Event])[]): TimedEvent[] {
  return events.map(([at, event]) => ({ ...event, at }))
}

/** A terminal of so many columns and rows, as far as progress uses one. */
export class FakeTerminal {
  readonly isTTY = true
  columns: number
  rows: number
  cursorHidden = false
  writableNeedDrain = false
  /** All rows ever, the visible ones at the end. */
  #lines: string[] = ['']
  #row = 0
  #column = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  write(text: string): boolean {
    // eslint reads these as control characters, which is what they are.
    for (const [part = ''] of text.matchAll(/\u001b\[[0-9;?]*[A-Za-z]|[\s\S]/gu)) this.#take(part)
    return true
  }

  /** What stands on the screen, without empty rows at the end. */
  screen(): string[] {
    const lines = this.#lines.map((line) => line.trimEnd())
    while (lines.at(-1) === '') lines.pop()
    return lines
  }

  #take(part: string): void {
    const [, count, letter] = /^\u001b\[(\??[0-9;]*)([A-Za-z])$/.exec(part) ?? []
    if (letter === 'A') this.#row = Math.max(0, this.#row - Number(count === '' ? 1 : count))
    else if (letter === 'J') this.#eraseDown()
    else if (letter === 'l' || letter === 'h') this.cursorHidden = letter === 'l'
    else if (letter === 'm') return
    else if (part === '\n') this.#newLine()
    else if (part === '\r') this.#column = 0
    else this.#put(part)
  }

  #eraseDown(): void {
    this.#lines = this.#lines.slice(0, this.#row + 1)
    this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column)
  }

  #newLine(): void {
    this.#row++
    this.#column = 0
    this.#lines[this.#row] ??= ''
  }

  #put(character: string): void {
    if (this.#column >= this.columns) this.#newLine()
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column)
    this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1)
    this.#column++
  }
}
