import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import * as errors from '../errors.js'
import type { Output, Renderer } from './renderer.js'

export interface EventLog {
  write(text: string): void
  /** Resolves when all that was written is in the file, or cannot get there. */
  close(): Promise<void>
}

/** One JSON object a line: exactly the events, without secrets (`redact` takes them out of any plain value). */
export function ndjsonRenderer(log: EventLog, redact: (value: unknown) => unknown): Renderer {
  return {
    event: (event) => log.write(`${JSON.stringify(redact(event))}\n`),
    print: () => undefined,
    end: () => log.close(),
    warned: false,
  }
}

/** How long the end of a run waits for a pipe whose reader has stopped reading, in milliseconds. */
const patience = 5000

/**
 * The file of `--events`; `-` is standard error. Throws `EVENTS_FILE` when it cannot be written. Later faults (a full disk, a
 * reader that went away) end the log and nothing else.
 */
export async function openEventLog(file: string, stderr: Output): Promise<EventLog> {
  if (file === '-') return { write: (text) => void stderr.write(text), close: async () => undefined }
  const handle = await open(file, 'w', 0o644).catch((cause: unknown) => {
    throw errors.eventsFile(file, cause)
  })
  const stream = handle.createWriteStream()
  const ended = new Promise<void>((resolve) => stream.once('close', resolve))
  stream.on('error', () => undefined)
  return {
    write(text) {
      if (stream.writable) stream.write(text)
    },
    async close() {
      stream.end()
      await Promise.race([ended, setTimeout(patience, undefined, { ref: false })])
    },
  }
}
