import { describe, expect, it } from 'vitest'
import { allCommands } from '../commands.fixture.js'

/** One line a flag or argument: what would break somebody's script if it changed. */
async function surface(): Promise<string[]> {
  const lines: string[] = []
  for (const [name, command] of await allCommands()) {
    lines.push(name)
    for (const [argument, { required, options }] of Object.entries(command.args)) {
      lines.push(
        `  ${argument}${required === true ? ' (required)' : ''}${options === undefined ? '' : ` ${options.join('|')}`}`,
      )
    }
    const flags = Object.entries({ ...command.baseFlags, ...command.flags }).sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [flag, { char, type, required, aliases = [], multiple, options }] of flags) {
      const value = type === 'boolean' ? '' : (options?.join('|') ?? 'VALUE')
      const names = [`--${flag}`, ...(char === undefined ? [] : [`-${char}`]), ...aliases.map((alias) => `--${alias}`)]
      const notes = [multiple === true ? '...' : '', required === true ? '(required)' : '']
      lines.push(`  ${[...names, value, ...notes].filter((word) => word !== '').join(' ')}`)
    }
  }
  return lines
}

describe('the commands', () => {
  it('and their flags are what they were', async () => {
    expect((await surface()).join('\n')).toMatchSnapshot()
  })

  it('each have a summary, a description, an example that can be pasted, and --json', async () => {
    for (const [name, command] of await allCommands()) {
      expect(command.summary, name).toMatch(/^[A-Z][^.]*$/)
      expect(command.description?.length, name).toBeGreaterThan(20)
      expect(command.examples.length, name).toBeGreaterThan(0)
      for (const example of command.examples) expect(example, name).toContain('<%= config.bin %> <%= command.id %>')
      expect(command.enableJsonFlag, name).toBe(true)
    }
  })

  it('describe every flag and argument, in one form', async () => {
    for (const [name, command] of await allCommands()) {
      for (const [flag, { description }] of Object.entries({
        ...command.baseFlags,
        ...command.flags,
        ...command.args,
      })) {
        expect(description, `${name} ${flag}`).toMatch(/^[a-z].*[^.]$|^.{1,}[^.]$/)
      }
    }
  })

  it('keep -f for values files', async () => {
    for (const [name, command] of await allCommands()) {
      for (const [flag, { char }] of Object.entries({ ...command.baseFlags, ...command.flags })) {
        if (char === 'f') expect(flag, name).toBe('values')
      }
    }
  })

  it('never read an argument from standard input, which may be a password or nothing', async () => {
    for (const [name, command] of await allCommands()) {
      for (const argument of Object.values(command.args)) expect(argument.ignoreStdin, name).toBe(true)
    }
  })

  it('are all that the project promises', async () => {
    const promised =
      'adapters catalog diff export fetch images import init inspect lock login logout package plan prune relocate render run schema serve set verify'
    expect([...(await allCommands()).keys()].sort()).toEqual(promised.split(' '))
  })
})
