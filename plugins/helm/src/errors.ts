import { RopewayError } from '@ropeway/core'

/**
 * A values file that the chain names for a chart cannot be read, or is no UTF-8 text. Its path is relative to the chain file:
 * correct the path, or save the file as UTF-8.
 */
export function valuesFileUnreadable(path: string, what: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'VALUES_FILE_UNREADABLE',
    side: 'source',
    operation: 'reading a values file',
    message: `the values file ${path} cannot be used: ${what}`,
    about: path,
    hint: 'paths under "values" are relative to the chain file',
    cause,
  })
}
