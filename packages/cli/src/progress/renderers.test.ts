import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { phases, type TimedEvent } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { redactDeep } from '../screen/error.js'
import { plainPaint } from '../text/paint.js'
import { createRedactor } from '../text/printable.js'
import { widthOf } from '../text/width.js'
import { chooseRenderer } from './choose.js'
import { groupsFor } from './groups.js'
import { ndjsonRenderer, openEventLog } from './ndjson.js'
import { plainRenderer } from './plain.js'
import { quietRenderer, together, type Renderer, type Verbosity } from './renderer.js'
import { FakeTerminal, script } from './script.fixture.js'
import { createProgress, follow } from './state.js'
import { frameLines, ttyRenderer } from './tty.js'

/** Plays events against a renderer whose timer is called by hand. */
class Stage {
  now = 0
  #ticks: (() => void)[] = []
  every = (_milliseconds: number, action: () => void) => {
    this.#ticks.push(action)
    return () => {
      this.#ticks = this.#ticks.filter((tick) => tick !== action)
    }
  }
  tick(): void {
    for (const tick of this.#ticks) tick()
  }
  play(renderer: Renderer, events: readonly TimedEvent[], ticking = true): void {
    for (const event of events) {
      this.now = event.at
      renderer.event(event)
      if (ticking) this.tick()
    }
  }
  get running(): number {
    return this.#ticks.length
  }
}

function log() {
  const chunks: string[] = []
  return {
    write: (text: string) => void chunks.push(text),
    lines: () => chunks.join('').split('\n').slice(0, -1),
  }
}

function plain(verbosity: Verbosity, env: Record<string, string> = {}) {
  const stage = new Stage()
  const output = log()
  const renderer = plainRenderer({
    output,
    paint: plainPaint,
    verbosity,
    groups: groupsFor(env),
    now: () => stage.now,
    every: stage.every,
  })
  return { stage, output, renderer }
}

describe('plain lines', () => {
  it('give one line a finished artifact, the phases that take time, and what went wrong', async () => {
    const { stage, output, renderer } = plain('normal')
    stage.play(renderer, script, false)
    await renderer.end()
    expect(output.lines()).toEqual([
      'resolving',
      '! web holds another content (image:web)',
      '  ropeway run --existing overwrite',
      'found 2 artifacts in 2.0 s',
      'planning',
      'delivering 3 artifacts, 3 blobs, 60 MB to harbor.corp:5000/mirror',
      '✓ chart:podinfo:6.7.1 delivered to harbor.corp:5000/mirror (15 MB)',
      '  trying again in 6.0 s (2): harbor.corp:5000: 429 Too Many Requests',
      '✗ file:install.sh not delivered to harbor.corp:5000/mirror: denied',
      '✓ image:web:1.2.3 was there already: harbor.corp:5000/mirror',
    ])
    expect(stage.running).toBe(0)
    expect(renderer.warned).toBe(true)
  })

  it('beat while nothing else is said', () => {
    const { stage, output, renderer } = plain('normal')
    stage.play(renderer, script.slice(0, 4), false)
    stage.tick()
    stage.play(renderer, script.slice(4, 19), false)
    stage.now = 4600
    stage.tick()
    expect(output.lines().filter((line) => line.includes('still'))).toEqual([
      '  still resolving: 2 artifacts so far',
      '  still delivering: 25 MB of 60 MB, 10 MB/s, 3.5 s left, 0 of 3 artifacts, 1 retry',
    ])
  })

  it('say more when asked to, and most for debugging', () => {
    const verbose = plain('verbose')
    verbose.stage.play(verbose.renderer, script, false)
    expect(verbose.output.lines()).toEqual(
      expect.arrayContaining([
        '  found chart podinfo sha256:bbbbbbbbbbbb…',
        '  cache: 2 of 2',
        'naming',
        '  blob sha256:eeeeeeeeeeee… 5 MB mounted',
      ]),
    )
    expect(verbose.output.lines()).not.toContain('  token renewed')
    const debug = plain('debug')
    debug.stage.play(debug.renderer, script, false)
    expect(debug.output.lines()).toContain('  token renewed')
  })

  it('open and close groups on GitHub, each once and never nested', async () => {
    const { stage, output, renderer } = plain('normal', { GITHUB_ACTIONS: 'true' })
    stage.play(renderer, script.slice(0, -1), false)
    await renderer.end()
    const marks = output.lines().filter((line) => line.startsWith('::'))
    expect(marks).toEqual([
      '::group::resolving',
      '::endgroup::',
      '::group::planning',
      '::endgroup::',
      '::group::delivering',
      '::endgroup::',
    ])
  })

  it('open and close sections on GitLab', () => {
    const { stage, output, renderer } = plain('normal', { GITLAB_CI: 'true' })
    stage.play(renderer, script.slice(0, 8), false)
    expect(output.lines()[0]).toBe('section_start:0:ropeway_resolve\r\u001b[0Kresolving')
    expect(output.lines().at(-1)).toBe('section_end:2:ropeway_resolve\r\u001b[0K')
  })

  it('let no name pass for a command of the CI service', () => {
    const { output, renderer } = plain('normal', { GITHUB_ACTIONS: 'true' })
    renderer.event({
      type: 'artifact:done',
      id: 'x\n::set-output name=a::b',
      sink: 's',
      outcome: 'kept',
      bytes: 0,
      at: 0,
    })
    expect(output.lines()).toEqual(['✓ x ::set-output name=a::b left as it is there: s'])
  })
})

function tty(columns: number, rows = 24, verbosity: Verbosity = 'normal') {
  const stage = new Stage()
  const terminal = new FakeTerminal(columns, rows)
  const renderer = ttyRenderer({
    output: terminal,
    paint: plainPaint,
    verbosity,
    now: () => stage.now,
    every: stage.every,
  })
  return { stage, terminal, renderer }
}

describe('a terminal', () => {
  it('shows one line a transfer in flight and one of totals', () => {
    const { stage, terminal, renderer } = tty(80)
    stage.play(renderer, script.slice(0, 19))
    expect(terminal.screen()).toEqual([
      '  registry.exam…app/web:1.2.3  ████████░░░░░░░░       20 MB / 40 MB     10 MB/s',
      '  podinfo:6.7.1                █████░░░░░░░░░░░        5 MB / 15 MB       0 B/s',
      'delivering  25 MB of 60 MB · 10 MB/s · 3.5 s left · 0 of 3 artifacts · 1 retry',
    ])
    expect(terminal.cursorHidden).toBe(true)
  })

  it('keeps failures on screen, takes the rest down, and gives the cursor back', async () => {
    const { stage, terminal, renderer } = tty(80)
    stage.play(renderer, script)
    await renderer.end()
    expect(terminal.screen()).toEqual(['✗ file:install.sh not delivered to harbor.corp:5000/mirror: denied'])
    expect(terminal.cursorHidden).toBe(false)
    expect(stage.running).toBe(0)
    expect(renderer.warned).toBe(false)
  })

  it('fits any width, however narrow or wide its names', () => {
    for (const columns of [20, 40, 60, 80, 132]) {
      const progress = createProgress()
      for (const event of script.slice(0, 19)) follow(progress, event)
      progress.transfers.set('w', {
        digest: 'w',
        artifact: `file:${'図'.repeat(80)}`,
        size: 1,
        startedAt: 0,
        resumedAt: 0,
        done: 0,
      })
      const { terminal, renderer, stage } = tty(columns)
      stage.play(renderer, script.slice(0, 19))
      expect(terminal.screen().length).toBe(3)
      if (columns >= 80) {
        const lines = frameLines(progress, { columns, rows: 24, now: 4600, paint: plainPaint })
        for (const line of lines.slice(0, -1)) expect(widthOf(line)).toBeLessThan(columns)
      }
    }
  })

  it('leaves nothing behind when the terminal becomes narrower', () => {
    const { stage, terminal, renderer } = tty(120)
    stage.play(renderer, script.slice(0, 19))
    const narrow = new FakeTerminal(60, 24)
    // What stood there wraps, as terminals do.
    narrow.write(terminal.screen().join('\n'))
    const before = narrow.screen().length
    expect(before).toBeGreaterThan(3)
    terminal.columns = 60
    const write = terminal.write.bind(terminal)
    terminal.write = (text) => narrow.write(text) && write(text)
    stage.tick()
    renderer.event({ type: 'log', level: 'info', message: 'anything', at: 4700 })
    stage.tick()
    expect(narrow.screen().length).toBe(3)
  })

  it('shows as many transfers as there is room for, and says how many there are more', () => {
    const { stage, terminal, renderer } = tty(80, 8)
    stage.play(renderer, script.slice(0, 14))
    for (let number = 0; number < 12; number++) {
      renderer.event({
        type: 'blob:start',
        digest: `sha256:${number}`,
        size: 10,
        artifact: `image:${number}`,
        resumedAt: 0,
        at: 2700,
      })
    }
    stage.tick()
    const screen = terminal.screen()
    expect(screen.length).toBe(6)
    expect(screen[4]).toBe('  and 8 more')
  })

  it('waits for a terminal that does not keep up', () => {
    const { stage, terminal, renderer } = tty(80)
    terminal.writableNeedDrain = true
    stage.play(renderer, script.slice(0, 19))
    expect(terminal.screen()).toEqual([])
    terminal.writableNeedDrain = false
    stage.tick()
    expect(terminal.screen().length).toBe(3)
  })

  it('tells the phase and its time before anything moves', () => {
    const { stage, terminal, renderer } = tty(80)
    stage.play(renderer, script.slice(0, 4))
    expect(terminal.screen()).toEqual(['resolving  2 artifacts · 1.2 s · 1 retry'])
  })
})

describe('events as lines of JSON', () => {
  it('are exactly the events, without secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ropeway-events-'))
    try {
      const redact = createRedactor({ A_TOKEN: 'token-renewed-123' })
      const renderer = ndjsonRenderer(await openEventLog(join(folder, 'e.ndjson'), log()), (value) =>
        redactDeep(value, redact),
      )
      for (const event of script) renderer.event(event)
      renderer.event({ type: 'log', level: 'debug', message: 'token-renewed-123', at: 7000 })
      await renderer.end()
      const lines = (await readFile(join(folder, 'e.ndjson'), 'utf8')).split('\n').slice(0, -1)
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        ...script,
        { type: 'log', level: 'debug', message: '***', at: 7000 },
      ])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('are refused at once when their file cannot be written', async () => {
    await expect(openEventLog(join(tmpdir(), 'no', 'such', 'folder'), log())).rejects.toMatchObject({
      code: 'EVENTS_FILE',
      exitCode: 2,
    })
  })

  it('have standard error for themselves with -', async () => {
    const output = log()
    const renderer = await chooseRenderer({ ...choice(output), events: '-' })
    for (const event of script) renderer.event(event)
    renderer.print(['not a word between them'])
    await renderer.end()
    expect(output.lines().map((line) => JSON.parse(line) as unknown)).toEqual(script)
  })
})

function choice(output: { write(text: string): void; isTTY?: boolean }) {
  const common = { paint: plainPaint, quiet: false, verbose: false, debug: false, now: () => 0 }
  return { ...common, output, env: {}, redact: (value: unknown) => value }
}

describe('the choice of a renderer', () => {
  it('draws on a terminal, but writes lines in CI and where a terminal is dumb', async () => {
    const drawn = async (env: Record<string, string>, isTTY: boolean) => {
      const output = { ...log(), isTTY }
      const renderer = await chooseRenderer({ ...choice(output), env })
      renderer.event({ type: 'phase:start', phase: 'resolve', at: 0 })
      const lines = output.lines()
      await renderer.end()
      return lines
    }
    expect(await drawn({}, true)).toEqual([])
    expect(await drawn({ CI: 'true' }, true)).toEqual(['resolving'])
    expect(await drawn({ TERM: 'dumb' }, true)).toEqual(['resolving'])
    expect(await drawn({}, false)).toEqual(['resolving'])
  })

  it('says nothing with --quiet', async () => {
    const output = log()
    const renderer = await chooseRenderer({ ...choice(output), quiet: true })
    for (const event of script) renderer.event(event)
    renderer.print(['nothing'])
    await renderer.end()
    expect(output.lines()).toEqual([])
  })

  it('outlives a renderer that throws, and feeds the others', async () => {
    const seen: string[] = []
    const broken: Renderer = {
      event: () => {
        throw new TypeError('broken pipe')
      },
      print: () => {
        throw new TypeError('broken pipe')
      },
      end: () => Promise.reject(new TypeError('broken pipe')),
      warned: false,
    }
    const whole: Renderer = {
      ...quietRenderer,
      event: (event) => void seen.push(event.type),
      end: async () => void seen.push('end'),
    }
    const both = together([broken, whole])
    for (const event of script.slice(0, 2)) both.event(event)
    both.print(['x'])
    await both.end()
    expect(seen).toEqual(['phase:start', 'artifact:resolved', 'end'])
  })

  it('has words for every phase', () => {
    const { renderer, output } = plain('verbose')
    for (const phase of phases) renderer.event({ type: 'phase:start', phase, at: 0 })
    expect(output.lines().length).toBe(phases.length - 1)
  })
})
