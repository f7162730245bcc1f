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

/** Asks for a secret at the terminal, which does not show it. Ctrl-C throws `INTERRUPTED`. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let secret: readonly string[] = []
  const onData = (chunk: Buffer) => {
    for (const character of chunk.toString('utf8')) {
      if (character === interrupt) reject(errors.interrupted('nothing was written; run the command again', 'SIGINT'))
      else if (enter.test(character)) resolve(secret.join(''))
      else secret = erase.test(character) ? secret.slice(0, -1) : [...secret, character]
    }
  }
  const onEnd = () => resolve(secret.join(''))
  // Before the question: whoever answers fast must not see the answer either.
  stdin.setRawMode(true)
  stderr.write(question)
  stdin.on('data', onData).on('end', onEnd).resume()
  try {
    return await promise
  } finally {
    stdin.off('data', onData).off('end', onEnd).pause()
    stdin.setRawMode(false)
    stderr.write('\n')
  }
}

const enter = /[\r\n\u0004]/
const interrupt = '\u0003'
const erase = /[\u007f\b]/

/** Everything on standard input, without the newline at its end. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
