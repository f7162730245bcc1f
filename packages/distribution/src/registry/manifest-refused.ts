import type { RopewayError } from '@ropeway/core'
import { hasCode } from '../error-text.js'
import { refused, type Answer, type Scene } from '../errors.js'

/** Answers to the PUT of a manifest that mean something: those below 400 took it, the others refuse it. */
export const manifestAnswers: readonly number[] = [200, 201, 202, 400, 404, 405, 409, 412, 413, 415, 422]

/** The error for a manifest that a registry does not take, with what its words mean. */
export function manifestRefused(scene: Scene, what: string, answer: Answer): RopewayError {
  return refused(scene, what, answer, {
    hint: hintFor(answer),
    // The registry may not see yet what was pushed a moment ago.
    temporary: hasCode(answer.text, 'MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN'),
  })
}

function hintFor({ status, text }: Answer): string | undefined {
  if (status === 412 || /immutable|overwrit|already exists/i.test(text)) {
    return 'the tag must not be moved there: keep what it holds (existing: skip), or choose another tag'
  }
  if (status === 413) return 'a proxy before the registry limits the size of requests: raise its limit'
  if (status === 405 || status === 415) return 'the registry may not support this kind of content'
  return undefined
}
