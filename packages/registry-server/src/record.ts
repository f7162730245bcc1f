import type { IncomingMessage, ServerResponse } from 'node:http'

/** One request. Holds no secret. The fields that tell of the answer follow it while it is given. */
export interface LogEntry {
  readonly method: string
  /** Path without query. */
  readonly path: string
  /** Query without its question mark. */
  readonly query: string
  /** 0 until the answer has begun. */
  readonly status: number
  /** Scheme of the `Authorization` header, in lower case; `undefined` when there was none. */
  readonly authorization: string | undefined
  readonly range: string | undefined
  /** True when the connection broke before the answer was complete. */
  readonly aborted: boolean
  /** What went wrong inside the server. */
  readonly error: unknown
}

/** An answer that a test gives in place of the registry. */
export interface HookAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
}

export interface Hooks {
  /** Called when a request arrives. The answer is held back until it resolves; what it gives is answered instead. */
  readonly request?:
    ((entry: LogEntry) => void | HookAnswer | Promise<void | HookAnswer | undefined> | undefined) | undefined
}

/** Makes the entry of a request, and the function that notes an error in it. */
export function recordOf(
  request: IncomingMessage,
  response: ServerResponse,
): { readonly entry: LogEntry; fail(error: unknown): void } {
  const [path = '/', ...rest] = (request.url ?? '/').split('?')
  let failure: unknown
  const entry: LogEntry = {
    method: request.method ?? 'GET',
    path,
    query: rest.join('?'),
    get status() {
      return response.headersSent ? response.statusCode : 0
    },
    authorization: request.headers.authorization?.split(' ', 1)[0]?.toLowerCase(),
    range: request.headers.range,
    get aborted() {
      return response.destroyed && !response.writableFinished
    },
    get error() {
      return failure
    },
  }
  return {
    entry,
    fail(error) {
      failure = error
    },
  }
}
