import { messageOf, RopewayError } from '@ropeway/core'

/**
 * The folder for the registry holds other files, and a registry would mix its own with them. Name an empty folder, one that
 * does not exist yet, or one that a registry made.
 */
export function folderForeign(folder: string): RopewayError {
  return new RopewayError({
    code: 'FOLDER_NOT_A_REGISTRY',
    side: 'usage',
    operation: 'opening the folder',
    about: folder,
    message: `${folder} holds other files than those of a registry`,
    hint: 'name an empty folder, one that does not exist yet, or one that a registry made',
  })
}

/** The folder for the registry cannot be made or written. Check its path, its owner and the free space. */
export function folderUnusable(folder: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'FOLDER_UNUSABLE',
    side: 'usage',
    operation: 'opening the folder',
    about: folder,
    message: `${folder} cannot be used for a registry: ${messageOf(cause)}`,
    hint: 'check the path, who may write there, and the free space',
    cause,
  })
}

/**
 * The registry cannot listen on the address and port: another program uses the port, the port needs more rights, or this
 * machine does not have the address. Choose another port (0 takes any free one) or another address.
 */
export function cannotListen(host: string, port: number, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'SERVE_CANNOT_LISTEN',
    side: 'usage',
    operation: 'listening',
    about: `${host}:${String(port)}`,
    message: `the registry cannot listen on ${host}:${String(port)}: ${messageOf(cause)}`,
    hint: 'choose another port (0 takes any free one) or another address',
    cause,
  })
}

/**
 * The certificate or its key cannot be used: one of them is not PEM, or they do not belong together. Give the certificate
 * followed by its chain, and the key without a passphrase.
 */
export function certificateInvalid(cause: unknown): RopewayError {
  return new RopewayError({
    code: 'SERVE_CERTIFICATE_INVALID',
    side: 'usage',
    operation: 'reading the certificate',
    message: `the certificate or its key cannot be used: ${messageOf(cause)}`,
    hint: 'give a PEM certificate followed by its chain, and its PEM key without a passphrase',
    cause,
  })
}
