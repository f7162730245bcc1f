import { RopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { runCommand } from './commands.fixture.js'
import { hostError } from './host-error.js'

const host = { command: 'plan', commands: ['plan', 'lock', 'plugins install'] }

async function mistake(name: string, ...argv: string[]): Promise<RopewayError> {
  return hostError((await runCommand(name, ...argv)).error, { ...host, command: name })
}

describe('mistakes in the command line', () => {
  it('name the nearest flag', async () => {
    expect(await mistake('plan', '--platfrom', 'linux/amd64')).toMatchObject({
      code: 'FLAG_UNKNOWN',
      exitCode: 2,
      message: 'unknown flag --platfrom. Did you mean "--platform"?',
      hint: 'ropeway plan --help shows the flags',
    })
  })
  it('name what is missing and what is too much', async () => {
    expect(await mistake('verify')).toMatchObject({
      code: 'ARGUMENT_MISSING',
      message: 'an argument is missing: BUNDLE',
    })
    expect(await mistake('diff', 'a')).toMatchObject({
      code: 'ARGUMENT_MISSING',
      message: 'an argument is missing: TO',
    })
    expect(await mistake('inspect', 'a', 'b', 'c')).toMatchObject({
      code: 'ARGUMENT_UNEXPECTED',
      message: 'unexpected arguments: b c',
    })
  })
  it('name values that a flag cannot have', async () => {
    expect(await mistake('run', '--existing', 'replace')).toMatchObject({
      code: 'FLAG_INVALID',
      exitCode: 2,
      message: 'Expected --existing=replace to be one of: skip, verify, overwrite, fail',
    })
    expect(await mistake('run', '--concurrency', '0')).toMatchObject({ code: 'FLAG_INVALID' })
    expect(await mistake('run', '--concurrency', 'many')).toMatchObject({ code: 'FLAG_INVALID' })
    expect(await mistake('run', '--only')).toMatchObject({
      code: 'FLAG_INVALID',
      message: 'Flag --only expects a value',
    })
    expect(await mistake('export')).toMatchObject({ code: 'FLAG_INVALID', message: 'Missing required flag output' })
    expect(await mistake('plan', '--quiet', '--verbose')).toMatchObject({ code: 'FLAG_INVALID' })
  })
  it('name the nearest command', () => {
    const thrown = Object.assign(new TypeError('Run ropeway help for a list'), { oclif: { exit: 127 } })
    expect(hostError(thrown, { ...host, command: 'plam' })).toMatchObject({
      code: 'COMMAND_UNKNOWN',
      exitCode: 2,
      message: 'ropeway has no command "plam". Did you mean "plan"?',
    })
  })
})

describe('other errors', () => {
  it('pass as they are when they are of Ropeway', () => {
    const error = new RopewayError({ code: 'X', side: 'sink', message: 'x' })
    expect(hostError(error, host)).toBe(error)
  })
  it('are unexpected, exit code 1, when a system throws them', () => {
    const full = Object.assign(new TypeError('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    expect(hostError(full, host)).toMatchObject({ code: 'UNEXPECTED', exitCode: 1 })
    expect(hostError('text', host)).toMatchObject({ code: 'UNEXPECTED', exitCode: 1 })
  })
  it('keep the words of commands that are not ours', () => {
    const failed = Object.assign(new TypeError('npm failed'), { oclif: { exit: 1 } })
    expect(hostError(failed, host)).toMatchObject({ code: 'COMMAND_FAILED', exitCode: 1, message: 'npm failed' })
  })
})
