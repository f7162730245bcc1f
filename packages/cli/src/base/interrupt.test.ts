import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { listenForInterrupt } from './interrupt.js'
import { commandLine, goesOn } from './resume.js'

describe('Ctrl-C', () => {
  it('aborts at first, ends the process at second, and listens no longer when released', () => {
    const source = new EventEmitter()
    const calls: string[] = []
    const interrupt = listenForInterrupt(
      source,
      (signal) => calls.push(`first ${signal}`),
      (signal) => calls.push(`second ${signal}`),
    )
    expect(interrupt.received).toBeUndefined()
    source.emit('SIGINT', 'SIGINT')
    expect(interrupt.signal.aborted).toBe(true)
    expect(interrupt.received).toBe('SIGINT')
    source.emit('SIGTERM', 'SIGTERM')
    expect(calls).toEqual(['first SIGINT', 'second SIGTERM'])
    interrupt.release()
    expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0)
  })
  it('says the same command, quoted so that it can be pasted', () => {
    expect(commandLine(['export', '-o', 'my file.tar', '--only', "image:it's*"])).toBe(
      `ropeway export -o 'my file.tar' --only 'image:it'\\''s*'`,
    )
    expect(goesOn(['run']).split('\n')[1]).toBe('ropeway run')
  })
})
