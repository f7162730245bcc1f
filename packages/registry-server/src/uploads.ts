import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createDigester, isRepository, parseDigest, type Digester } from '@ropeway/oci'
import { statBlob } from './blobs.js'
import { digestHeader, locate, reply, writable, type Exchange } from './exchange.js'
import { Problem } from './problem.js'
import { parseContentRange } from './range.js'
import { checkDigest } from './route.js'
import type { BlobUpload } from './storage.js'

interface Session {
  readonly id: string
  readonly repository: string
  readonly upload: BlobUpload
  readonly digester: Digester
  /** The request that sends bytes right now. */
  sender?: { readonly request: IncomingMessage; readonly done: Promise<void> } | undefined
}

/** Upload sessions of one server (distribution-spec, "Pushing blobs"). They end with the process. */
export interface Uploads {
  start(exchange: Exchange, repository: string): Promise<void>
  patch(exchange: Exchange, repository: string, id: string): Promise<void>
  put(exchange: Exchange, repository: string, id: string): Promise<void>
  status(exchange: Exchange, repository: string, id: string): void
  cancel(exchange: Exchange, repository: string, id: string): Promise<void>
  /** Discards all that is unfinished. */
  close(): Promise<void>
}

function storedRange(session: Session): string {
  return `0-${String(Math.max(session.digester.size - 1, 0))}`
}

function sessionHeaders(exchange: Exchange, session: Session): Record<string, string> {
  const state = exchange.quirks.locationQuery === true ? `?state=${session.id.slice(0, 8)}` : ''
  const min = exchange.quirks.chunkMinLength
  return {
    location: locate(exchange, `/v2/${session.repository}/blobs/uploads/${session.id}${state}`),
    range: storedRange(session),
    'docker-upload-uuid': session.id,
    ...(min === undefined ? {} : { 'oci-chunk-min-length': String(min) }),
  }
}

function rangeProblem(exchange: Exchange, session: Session, message: string): Problem {
  return new Problem('RANGE_INVALID', message, { headers: sessionHeaders(exchange, session) })
}

/** Refuses a chunk that does not follow on what is there. */
function checkChunk(exchange: Exchange, session: Session): void {
  const header = exchange.request.headers['content-range']
  if (header === undefined) return
  const range = parseContentRange(header)
  if (range === undefined) throw new Problem('BLOB_UPLOAD_INVALID', 'Content-Range has to be <first>-<last>')
  if (range.start !== session.digester.size) {
    throw rangeProblem(exchange, session, `the next byte wanted is ${String(session.digester.size)}`)
  }
  const length = exchange.request.headers['content-length']
  if (length !== undefined && Number(length) !== range.end - range.start) {
    throw new Problem('BLOB_UPLOAD_INVALID', 'Content-Range and Content-Length do not agree')
  }
  const min = exchange.quirks.chunkMinLength ?? 0
  if (exchange.method === 'PATCH' && length !== undefined && Number(length) < min) {
    throw rangeProblem(exchange, session, `a chunk has ${String(min)} bytes at least`)
  }
}

/** Lets one request at a time send bytes; a newer one ends an older one, which its client has given up. */
async function alone(session: Session, request: IncomingMessage, task: () => Promise<void>): Promise<void> {
  while (session.sender !== undefined) {
    session.sender.request.destroy()
    await session.sender.done
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  session.sender = { request, done: promise }
  try {
    await task()
  } finally {
    session.sender = undefined
    resolve()
  }
}

/** Digest of what came, in the algorithm of `wanted`. */
async function digestLike(wanted: string, session: Session): Promise<string> {
  const found = session.digester.digest()
  if (parseDigest(found).algorithm === parseDigest(wanted).algorithm) return found
  const digester = createDigester(wanted)
  for await (const chunk of session.upload.open()) digester.update(chunk)
  return digester.digest()
}

function replyStored(exchange: Exchange, repository: string, digest: string): void {
  reply(exchange, 201, {
    location: locate(exchange, `/v2/${repository}/blobs/${digest}`),
    ...digestHeader(exchange, digest),
  })
}

/** `limit`: how many uploads may be open. One more forgets the oldest that nobody sends to. */
export function createUploads(limit: number): Uploads {
  const sessions = new Map<string, Session>()

  async function open(exchange: Exchange, repository: string, algorithm: string): Promise<Session> {
    if (sessions.size >= limit) {
      const idle = [...sessions.values()].find(({ sender }) => sender === undefined)
      if (idle === undefined) throw new Problem('TOOMANYREQUESTS', 'too many uploads are open')
      await drop(idle)
    }
    const upload = await writable(exchange).blobs.begin(repository)
    const session: Session = {
      id: randomUUID(),
      repository,
      upload,
      digester: createDigester(algorithm),
    }
    sessions.set(session.id, session)
    return session
  }

  function find(exchange: Exchange, repository: string, id: string): Session {
    const session = sessions.get(id)
    const complete = exchange.quirks.locationQuery !== true || exchange.query.get('state') === id.slice(0, 8)
    if (session?.repository !== repository || !complete) {
      throw new Problem('BLOB_UPLOAD_UNKNOWN', 'there is no such upload', { detail: { id: id.slice(0, 100) } })
    }
    return session
  }

  async function drop(session: Session): Promise<void> {
    sessions.delete(session.id)
    await session.upload.discard()
  }

  /** Appends the request's body. A connection that breaks leaves what came; a storage that fails ends the session. */
  async function receive(exchange: Exchange, session: Session): Promise<void> {
    for await (const chunk of exchange.request as AsyncIterable<Uint8Array>) {
      try {
        await session.upload.append(chunk)
      } catch (error) {
        await drop(session)
        throw error
      }
      session.digester.update(chunk)
    }
  }

  async function finish(exchange: Exchange, session: Session, digest: string): Promise<void> {
    sessions.delete(session.id)
    try {
      const found = await digestLike(digest, session)
      if (found !== digest) {
        throw new Problem('DIGEST_INVALID', 'the bytes that came have another digest', {
          detail: { wanted: digest, found, size: session.digester.size },
        })
      }
      await session.upload.commit(digest)
    } finally {
      await session.upload.discard()
    }
    replyStored(exchange, session.repository, digest)
  }

  /** Mounts when the query asks for it and it can be done. */
  async function mounted(exchange: Exchange, repository: string): Promise<boolean> {
    const digest = exchange.query.get('mount')
    const from = exchange.query.get('from')
    if (digest === null || from === null || exchange.quirks.mounts === false) return false
    checkDigest(digest)
    if (!isRepository(from) || !exchange.access.allows(from, 'pull')) return false
    if ((await statBlob(exchange, from, digest)) === undefined) return false
    await writable(exchange).blobs.link(repository, digest)
    replyStored(exchange, repository, digest)
    return true
  }

  return {
    async start(exchange, repository) {
      writable(exchange)
      if (await mounted(exchange, repository)) return
      const digest = exchange.query.get('digest')
      const algorithm =
        digest === null
          ? (exchange.query.get('digest-algorithm') ?? 'sha256')
          : parseDigest(checkDigest(digest)).algorithm
      if (algorithm !== 'sha256' && algorithm !== 'sha512') {
        throw new Problem('DIGEST_INVALID', 'the digest algorithm is not supported')
      }
      const session = await open(exchange, repository, algorithm)
      if (digest === null || exchange.quirks.singlePost === false) {
        reply(exchange, 202, sessionHeaders(exchange, session))
        return
      }
      try {
        await alone(session, exchange.request, async () => {
          await receive(exchange, session)
          await finish(exchange, session, digest)
        })
      } catch (error) {
        await drop(session)
        throw error
      }
    },

    async patch(exchange, repository, id) {
      const session = find(exchange, repository, id)
      await alone(session, exchange.request, async () => {
        find(exchange, repository, id)
        checkChunk(exchange, session)
        await receive(exchange, session)
        reply(exchange, 202, sessionHeaders(exchange, session))
      })
    },

    async put(exchange, repository, id) {
      const session = find(exchange, repository, id)
      const digest = checkDigest(exchange.query.get('digest') ?? '')
      await alone(session, exchange.request, async () => {
        find(exchange, repository, id)
        checkChunk(exchange, session)
        await receive(exchange, session)
        await finish(exchange, session, digest)
      })
    },

    status(exchange, repository, id) {
      reply(exchange, 204, sessionHeaders(exchange, find(exchange, repository, id)))
    },

    async cancel(exchange, repository, id) {
      const session = find(exchange, repository, id)
      await alone(session, exchange.request, () => drop(session))
      reply(exchange, 204)
    },

    async close() {
      await Promise.all([...sessions.values()].map(drop))
    },
  }
}
