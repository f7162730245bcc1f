import type { TimedEvent } from '@ropeway/core'

/** Draws the progress of a run on standard error. No method throws, none waits for the terminal. */
export interface Renderer {
  event(event: TimedEvent): void
  /** Prints lines of progress that stay. */
  print(lines: readonly string[]): void
  /** Takes down whatever is not meant to stay and writes out what waits. Nothing is drawn afterwards. */
  end(): Promise<void>
  /** True when warnings were printed as they came, so that the result need not repeat them. */
  readonly warned: boolean
}

/** The part of a stream that renderers use. */
export interface Output {
  write(text: string): unknown
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  readonly isTTY?: boolean | undefined
  /** True when what was written is still waiting to be read. */
  readonly writableNeedDrain?: boolean | undefined
}

/** Columns of a terminal; 80 where there is none, or where it does not say. */
export function columnsOf({ columns }: Pick<Output, 'columns'>): number {
  return columns === undefined || columns === 0 ? 80 : columns
}

export function rowsOf({ rows }: Pick<Output, 'rows'>): number {
  return rows === undefined || rows === 0 ? 24 : rows
}

export type Verbosity = 'normal' | 'verbose' | 'debug'

/** One renderer that feeds several; a fault in one does not reach the others. */
export function together(renderers: readonly Renderer[]): Renderer {
  const each = (action: (renderer: Renderer) => void) => {
    for (const renderer of renderers) {
      try {
        action(renderer)
      } catch {
        // Progress is a courtesy: a broken pipe or a full disk under it must not become the run's failure.
      }
    }
  }
  return {
    event: (event) => each((renderer) => renderer.event(event)),
    print: (lines) => each((renderer) => renderer.print(lines)),
    end: async () => void (await Promise.allSettled(renderers.map(async (renderer) => renderer.end()))),
    get warned() {
      return renderers.some((renderer) => renderer.warned)
    },
  }
}

/** `--quiet`: nothing. Results, warnings and errors are not progress, and are printed in the end. */
export const quietRenderer: Renderer = {
  event: () => undefined,
  print: () => undefined,
  end: async () => undefined,
  warned: false,
}
