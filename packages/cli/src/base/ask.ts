import { createInterface } from 'node:readline/promises'
import type { InitialAnswers } from '@ropeway/engine'
import * as errors from '../errors.js'

export interface GivenAnswers {
  readonly name?: string | undefined
  readonly references?: readonly string[] | undefined
  readonly registry?: string | undefined
}

/** Asks what the flags did not say; an empty answer takes the default. */
export async function askQuestions(given: GivenAnswers, defaultName: string): Promise<InitialAnswers> {
  const name = given.name ?? ((await askLine(`Name of the chain [${defaultName}]: `)) || defaultName)
  const references = given.references ?? words(await askLine('Images to carry, separated by spaces [an example]: '))
  const registry =
    given.registry ??
    ((await askLine('Registry on the other side, HOST[/prefix] [none, a bundle only]: ')) || undefined)
  return { name, references, registry }
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

/** Asks for one line at the terminal. Ctrl-C and an input that ends throw `INTERRUPTED`. */
export async function askLine(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new AbortController()
  lines.once('close', () => closed.abort())
  try {
    return (await lines.question(question, { signal: closed.signal })).trim()
  } catch {
    process.stderr.write('\n')
    throw errors.interrupted('nothing was written; run the command again', 'SIGINT')
  } finally {
    lines.close()
  }
}

/** Reads a secret from the terminal without showing it. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
  stdin.setRawMode(true)
  try {
    return await readSecret(stdin)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

const enter = /[\r\n\u0004]/
const interrupt = '\u0003'
const erase = new Set(['\u007f', '\b'])

async function readSecret(input: NodeJS.ReadStream): Promise<string> {
  let secret: string[] = []
  for await (const chunk of input.iterator({ destroyOnReturn: false })) {
    for (const character of String(chunk)) {
      if (character === interrupt) throw errors.interrupted('nothing was written; run the command again', 'SIGINT')
      if (enter.test(character)) return secret.join('')
      if (erase.has(character)) secret = secret.slice(0, -1)
      else secret.push(character)
    }
  }
  return secret.join('')
}

/** Everything on standard input, without the newline at its end. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
