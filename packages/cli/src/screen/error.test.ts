import { RopewayError, type ErrorDetails } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import * as errors from '../errors.js'
import { paintFor, plainPaint } from '../text/paint.js'
import { createRedactor } from '../text/printable.js'
import { errorJson, errorScreen, exitCodeOf } from './error.js'

const options = { paint: plainPaint, columns: 80 }
const unauthorized: ErrorDetails = {
  code: 'SOURCE_UNAUTHORIZED',
  side: 'source',
  message: 'no credentials were accepted by registry.example (401)',
  operation: 'reading',
  about: 'registry.example/app/web:1.2.3',
  at: 'ropeway.yaml:6',
  tried: ['~/.docker/config.json (user ci-bot)', 'anonymous'],
  hint: 'ropeway login registry.example\nor set ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_USERNAME / _PASSWORD',
}

describe('the error screen', () => {
  it('says what failed, where it stands, what was tried and what to do', () => {
    expect(errorScreen(new RopewayError(unauthorized), options)).toEqual([
      'Error: no credentials were accepted by registry.example (401)',
      '  while  reading registry.example/app/web:1.2.3, ropeway.yaml:6',
      '  tried  ~/.docker/config.json (user ci-bot), anonymous',
      '  next   ropeway login registry.example',
      '         or set ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_USERNAME / _PASSWORD',
      '  code   SOURCE_UNAUTHORIZED · docs/errors.md#source_unauthorized',
    ])
  })

  it('puts the place of a mistake first, as compilers do', () => {
    const mistake = new RopewayError({
      code: 'OPTION_UNKNOWN',
      side: 'chain',
      message: 'unknown option "repositry" for source "helm". Did you mean "repository"?',
      at: 'ropeway.yaml:9',
    })
    expect(errorScreen(mistake, { ...options, columns: 120 })[0]).toBe(
      'Error: ropeway.yaml:9: unknown option "repositry" for source "helm". Did you mean "repository"?',
    )
  })

  it('lists several failures together and gives shared advice once', () => {
    const missing = (name: string, at: string) =>
      new RopewayError({
        code: 'SOURCE_NOT_FOUND',
        side: 'source',
        message: `${name} does not exist`,
        at,
        hint: 'check the tag',
      })
    const all = new RopewayError({
      code: 'RESOLVE_FAILED',
      side: 'source',
      message: '3 artifacts cannot be resolved',
      errors: [missing('a:1', 'ropeway.yaml:6'), missing('b:1', 'images.txt:2'), new RopewayError(unauthorized)],
    })
    expect(errorScreen(all, options)).toEqual([
      'Error: 3 artifacts cannot be resolved',
      '',
      '  1. a:1 does not exist',
      '     at     ropeway.yaml:6',
      '  2. b:1 does not exist',
      '     at     images.txt:2',
      '     next   check the tag',
      '     code   SOURCE_NOT_FOUND · docs/errors.md#source_not_found',
      '',
      '  3. no credentials were accepted by registry.example (401)',
      '     while  reading registry.example/app/web:1.2.3, ropeway.yaml:6',
      '     tried  ~/.docker/config.json (user ci-bot), anonymous',
      '     next   ropeway login registry.example',
      '            or set ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_USERNAME / _PASSWORD',
      '     code   SOURCE_UNAUTHORIZED · docs/errors.md#source_unauthorized',
      '',
      '  code   RESOLVE_FAILED · docs/errors.md#resolve_failed',
    ])
  })

  it('shows no stack unless debug asks for it, and then those of causes too', () => {
    const error = new RopewayError({ ...unauthorized, cause: new Error('socket hang up') })
    expect(errorScreen(error, options).join('\n')).not.toContain('at ')
    const debug = errorScreen(error, { ...options, debug: true }).join('\n')
    expect(debug).toContain('error.test.ts')
    expect(debug).toContain('Error: socket hang up')
  })

  it('wraps anything else as unexpected, with the message of the cause', () => {
    const lines = errorScreen(new Error('EACCES: permission denied'), options)
    expect(lines[0]).toBe('Error: EACCES: permission denied')
    expect(lines.at(-1)).toContain('UNEXPECTED')
    expect(errorScreen('thrown text', options)[0]).toBe('Error: thrown text')
  })

  it('lets neither secrets nor control characters through', () => {
    const redact = createRedactor({ REGISTRY_PASSWORD: 'hunter2-hunter2' })
    const error = new RopewayError({
      code: 'X',
      side: 'sink',
      message: 'refused hunter2-hunter2 \u001b[31m',
      hint: 'see https://u:p@host/x',
      cause: new Error('hunter2-hunter2'),
    })
    const text =
      errorScreen(error, { ...options, redact, debug: true }).join('\n') + JSON.stringify(errorJson(error, redact))
    expect(text).not.toContain('hunter2')
    expect(text).not.toContain('u:p@')
    expect(text).not.toContain('\u001b')
  })

  it('is readable at forty columns and breaks no command', () => {
    const lines = errorScreen(new RopewayError({ ...unauthorized, message: 'word '.repeat(30).trim() }), {
      ...options,
      columns: 47,
    })
    expect(
      lines
        .filter((line) => line.startsWith('Error: ') || line.startsWith('       w'))
        .every((line) => line.length <= 47),
    ).toBe(true)
    expect(lines).toContain('         or set ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_USERNAME / _PASSWORD')
  })

  it('says in colour nothing that it does not say in words', () => {
    const coloured = errorScreen(new RopewayError(unauthorized), { ...options, paint: paintFor(true) })
    const strip = (text: string) => text.replace(/\u001b\[\d+m/g, '')
    expect(coloured.map(strip)).toEqual(errorScreen(new RopewayError(unauthorized), options))
    expect(coloured.join('')).toContain('\u001b[')
  })
})

describe('exit codes', () => {
  it('follow the side, and signals', () => {
    expect(exitCodeOf(new RopewayError(unauthorized))).toBe(3)
    expect(exitCodeOf(errors.locksDiffer('a', 'b'))).toBe(6)
    expect(exitCodeOf(errors.interrupted('again', 'SIGINT'))).toBe(130)
    expect(exitCodeOf(errors.interrupted('again', 'SIGTERM'))).toBe(143)
    expect(exitCodeOf(errors.adapterHung('resolving'))).toBe(1)
  })
})
