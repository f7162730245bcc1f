import { createRedactor } from '../text/printable.js'
import { paintFor, wantsColor, type Paint, type Terminal } from '../text/paint.js'
import { columnsOf, type Output } from '../progress/renderer.js'

/** A stream that people may look at. */
export interface Face {
  readonly paint: Paint
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number
  print(lines: readonly string[]): void
}

export interface Streams {
  readonly stdout: Output & Terminal
  readonly stderr: Output & Terminal
  readonly env: Readonly<Record<string, string | undefined>>
}

function faceOf(stream: Output & Terminal, env: Streams['env'], noColor: boolean): Face {
  return {
    paint: paintFor(wantsColor(stream, env, noColor)),
    columns: Math.max(40, columnsOf(stream)),
    print(lines) {
      if (lines.length > 0) stream.write(lines.map((line) => `${line}\n`).join(''))
    },
  }
}

/** Both streams with their colours, and what takes secrets out of texts. */
export interface Faces {
  readonly out: Face
  readonly err: Face
  readonly redact: (text: string) => string
}

export function facesOf({ stdout, stderr, env }: Streams, noColor: boolean): Faces {
  return { out: faceOf(stdout, env, noColor), err: faceOf(stderr, env, noColor), redact: createRedactor(env) }
}
