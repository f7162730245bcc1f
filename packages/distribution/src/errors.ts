import { messageOf, RopewayError, type Log, type Role } from '@ropeway/core'
import { errorText } from './error-text.js'
import type { Fault, FaultKind } from './http/faults.js'
import { shortText } from './redact.js'

/** What a request is about; every error of this room says it. */
export interface Scene {
  readonly role: Role
  /** A reference or an address, without secrets. */
  readonly about: string
  /** A gerund: `reading`, `pushing`. */
  readonly operation: string
}

/** On whose side a credential is missing: that of a registry's role, or the command line's for a login. */
export type CredentialSide = Role | 'usage'

/** What `Log.warn` takes. */
export type Warning = Parameters<Log['warn']>[0]

/** An answer as errors tell of it. */
export interface Answer {
  readonly status: number
  readonly url: string
  /** The body, or what could be read of it; errors show what it says, not its JSON. */
  readonly text: string
}

function place(scene: Scene): { side: Role; about: string; operation: string } {
  return { side: scene.role, about: scene.about, operation: scene.operation }
}

function says(text: string): string {
  const short = shortText(errorText(text))
  return short === '' ? '' : `: ${short}`
}

function loginHint(host: string, variable: string): string {
  return `ropeway login ${host}\nor set ROPEWAY_REGISTRY_${variable}_USERNAME / _PASSWORD`
}

/**
 * A CA certificate, client certificate or key that was given for TLS is not valid PEM, or the key does not belong to the
 * certificate. Check the file that was given for all hosts or, in a `certs.d` folder, for this one.
 */
export function certificateInvalid(scene: Scene, host: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'CERTIFICATE_INVALID',
    ...place(scene),
    message: `the certificates given for ${host} cannot be used: ${messageOf(cause)}`,
    hint: 'give PEM files: CA certificates as .crt, a client pair as .cert and .key of one name',
    cause,
  })
}

/**
 * Two hosts of a chain have one name in the environment, because every character but letters and digits becomes `_`. A
 * secret for one would be sent to the other. Write the credentials into a credential file (`ropeway login HOST`), or
 * rename one of the hosts.
 */
export function credentialAmbiguous(first: string, second: string, variable: string): RopewayError {
  return new RopewayError({
    code: 'CREDENTIAL_AMBIGUOUS',
    side: 'chain',
    message: `${first} and ${second} have the same name in the environment: ROPEWAY_REGISTRY_${variable}_…`,
    operation: 'reading credentials for',
    about: `${first}, ${second}`,
    hint: `address one of them by another name or port, and log in with: ropeway login ${second}`,
  })
}

/**
 * A file with credentials, or the document in `DOCKER_AUTH_CONFIG`, cannot be read, is not JSON, or holds an entry that is
 * not what docker writes. Mend or remove the file, or log in again.
 */
export function credentialFileInvalid(
  file: string,
  reason: string,
  side: CredentialSide,
  cause?: unknown,
): RopewayError {
  return new RopewayError({
    code: 'CREDENTIAL_FILE_INVALID',
    side,
    message: `the credentials in ${file} cannot be used: ${reason}`,
    operation: 'reading credentials from',
    about: file,
    hint: 'mend or remove the entry, or write it anew with: ropeway login HOST',
    cause,
  })
}

/**
 * A credential file names a credential helper that is not installed here, so what it keeps is left out and the other places
 * are asked. Install the helper, or take its name out of the file.
 */
export function credentialHelperAbsent(helper: string, file: string): Warning {
  return {
    code: 'CREDENTIAL_HELPER_ABSENT',
    message: `${helper}, named in ${file}, is not on the PATH; its credentials are left out`,
    about: helper,
    hint: 'install it, or take it out of the file',
  }
}

/**
 * A credential helper (`docker-credential-…`) that a credential file names could not be run, took too long, or answered
 * with an error. Run it by hand to see why, or take it out of the file.
 */
export function credentialHelperFailed(
  helper: string,
  about: { readonly host: string; readonly file: string; readonly side: CredentialSide },
  reason: string,
): RopewayError {
  return new RopewayError({
    code: 'CREDENTIAL_HELPER_FAILED',
    side: about.side,
    message: `the credential helper ${helper}, named in ${about.file}, failed for ${about.host}: ${shortText(reason)}`,
    operation: 'asking for credentials for',
    about: about.host,
    hint: `try it by hand: echo ${about.host} | ${helper} get\nor set the credentials in the environment`,
  })
}

/**
 * Of two variables that belong together, a user name and a password, only one is set. Set both or neither.
 */
export function credentialIncomplete(
  present: string,
  missing: string,
  host: string,
  side: CredentialSide,
): RopewayError {
  return new RopewayError({
    code: 'CREDENTIAL_INCOMPLETE',
    side,
    message: `${present} is set, but ${missing} is not`,
    operation: 'reading credentials for',
    about: host,
    hint: `set ${missing} too, or unset ${present}`,
  })
}

/**
 * The registry did not accept the user name and password of a login. Nothing was saved. Many registries want an access
 * token in place of the account's password.
 */
export function loginRefused(host: string, username: string | undefined, answer: Answer): RopewayError {
  return new RopewayError({
    code: 'LOGIN_REFUSED',
    side: 'usage',
    message: `${host} did not accept the login${username === undefined ? '' : ` of ${username}`} (${answer.status})${says(answer.text)}`,
    operation: 'logging in to',
    about: host,
    hint: 'check user name and password; many registries want an access token instead of the password',
  })
}

/**
 * The registry counts pulls, and few are left before it refuses more for some hours. On Docker Hub a login raises the limit.
 */
export function rateLimitNear(host: string, left: number, hint: string): Warning {
  return { code: 'RATE_LIMIT_NEAR', message: `${host} allows only ${left} more pulls for now`, about: host, hint }
}

/**
 * The registry has no API for referrers and takes their tag for the digest itself, so that they cannot be listed. They are
 * there by digest, but clients that look for signatures or SBOMs of an image do not find them.
 */
export function referrersUnlisted(host: string, about: string): Warning {
  return {
    code: 'REFERRERS_UNLISTED',
    message: `${host} can list no referrers: it has no API for them, and takes their tag for the digest itself`,
    about,
    hint: 'signatures and SBOMs are there by digest, but clients will not find them by their subject',
  }
}

/**
 * The registry names another digest for a tag than the bytes have that it sent. The bytes count. Something between here and the
 * registry may change answers; refer to the content by its digest.
 */
export function registryDigestWrong(host: string, about: string, told: string, digest: string): Warning {
  return {
    code: 'REGISTRY_DIGEST_WRONG',
    message: `${host} says that ${about} is ${told}, but its bytes are ${digest}; the bytes count`,
    about,
  }
}

/**
 * The registry sent a warning of its own with an answer, such as that it will be switched off.
 */
export function registryWarning(host: string, text: string): Warning {
  return { code: 'REGISTRY_WARNING', message: `${host} says: ${shortText(text)}`, about: host }
}

/**
 * The destination did not take a blob or manifest. The message holds the registry's own words: a tag that must not be
 * overwritten, content that it does not support, a size limit of a proxy before it, a quota.
 */
export function refused(
  scene: Scene,
  what: string,
  answer: Answer,
  { hint, temporary }: { readonly hint?: string | undefined; readonly temporary?: boolean | undefined } = {},
): RopewayError {
  return new RopewayError({
    code: 'SINK_REFUSED',
    ...place(scene),
    message: `${what} was refused (${answer.status})${says(answer.text)}`,
    hint: hint ?? "read the registry's words above; its log says more",
    temporary,
  })
}

/**
 * A server answered with something that its protocol does not provide for: a web page in place of an API, an error
 * without a meaning, a range that was not asked for. Often a proxy or another service stands at the address.
 */
export function badResponse(scene: Scene, answer: Answer, what: string, hint?: string): RopewayError {
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_BAD_RESPONSE' : 'SINK_BAD_RESPONSE',
    ...place(scene),
    message: `${answer.url} ${what} (${answer.status})${says(answer.text)}`,
    hint: hint ?? 'check the address, and whether a proxy or another service answers in its place',
    temporary: answer.status >= 500,
  })
}

/**
 * A file changed on the server while it was being read, so the part that came before the connection broke and the part
 * after it do not belong together. Run again.
 */
export function contentChanged(scene: Scene, url: string): RopewayError {
  return new RopewayError({
    code: 'SOURCE_CHANGED',
    ...place(scene),
    message: `${url} changed while it was read`,
    hint: 'run again',
    temporary: true,
  })
}

/**
 * The server knows who asks and does not allow it: the account lacks a permission, or nobody may do this without logging
 * in. Ask for the permission that the message names, or log in with another account.
 */
export function forbidden(
  scene: Scene,
  access: {
    readonly host: string
    readonly variable: string
    /** `pull from app/web`, `push to mirror/app`. */
    readonly action: string
    readonly tried: readonly string[]
    readonly anonymous: boolean
  },
  answer: Answer,
): RopewayError {
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_FORBIDDEN' : 'SINK_FORBIDDEN',
    ...place(scene),
    message: `${access.host} does not allow to ${access.action} (${answer.status})${says(answer.text)}`,
    tried: access.tried,
    hint: access.anonymous
      ? loginHint(access.host, access.variable)
      : `ask for the permission to ${access.action}, or use another account: ropeway login ${access.host}`,
  })
}

/**
 * What was asked for is not there: the repository, the tag, the digest or the file. The hint names tags that look alike.
 * Some registries also answer so for what is there but private; then log in.
 */
export function notFound(
  scene: Scene,
  what: string,
  details: { readonly hint?: string | undefined; readonly text?: string | undefined } = {},
): RopewayError {
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_NOT_FOUND' : 'SINK_NOT_FOUND',
    ...place(scene),
    message: `${what}${says(details.text ?? '')}`,
    hint: details.hint ?? 'check the spelling; what is private may also look absent: log in with ropeway login HOST',
  })
}

/**
 * An address is plain HTTP, and plain HTTP is allowed for loopback addresses and for hosts that are named only: everyone
 * on the way could read and change what moves. Use HTTPS, or name the host under `insecure:`.
 */
export function plainHttp(scene: Scene, host: string): RopewayError {
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_PLAIN_HTTP' : 'SINK_PLAIN_HTTP',
    ...place(scene),
    message: `plain HTTP to ${host} is not allowed`,
    hint: `use https://, or name the host in the chain: insecure: ["${host}"]`,
  })
}

/**
 * The server limits how much may be read in a time, and the limit is reached. The message says how long it lasts, as far
 * as the server told. On Docker Hub a login raises the limit.
 */
export function rateLimited(
  scene: Scene,
  host: string,
  limit: { readonly wait?: number | undefined; readonly hint: string },
  answer: Answer,
): RopewayError {
  const wait = limit.wait === undefined ? '' : `; try again in ${duration(limit.wait)}`
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_RATE_LIMITED' : 'SINK_RATE_LIMITED',
    ...place(scene),
    message: `${host} allows no more requests for now (${answer.status})${wait}${says(answer.text)}`,
    hint: limit.hint,
    temporary: true,
    retryAfter: limit.wait,
  })
}

/** `90 s`, `12 min`, `6 h`. */
function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds <= 120) return `${seconds} s`
  return seconds <= 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}

/**
 * A server sent the client to an address that it must not follow: from HTTPS to plain HTTP, to this machine, to a
 * link-local or metadata address, or around in circles. Such an answer is an error or an attack; ask the server's owner.
 */
export function redirectRefused(scene: Scene, from: string, to: string, reason: string): RopewayError {
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_REDIRECT_REFUSED' : 'SINK_REDIRECT_REFUSED',
    ...place(scene),
    message: `${from} sends on to ${to}, which is not followed: ${reason}`,
    hint: 'tell the owner of the server; behind a proxy, check the external address that the server is configured with',
  })
}

/**
 * The server wants a login: none was found, or none of those found was accepted. The list says which were tried. Log in,
 * or set the two variables that the hint names.
 */
export function unauthorized(
  scene: Scene,
  access: { readonly host: string; readonly variable: string; readonly tried: readonly string[] },
  answer: Answer,
): RopewayError {
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_UNAUTHORIZED' : 'SINK_UNAUTHORIZED',
    ...place(scene),
    message: `no credentials were accepted by ${access.host} (${answer.status})${says(answer.text)}`,
    tried: access.tried,
    hint: loginHint(access.host, access.variable),
  })
}

/**
 * A server cannot be reached: its name does not resolve, nothing answers at the address, the connection broke again and
 * again, or its certificate is not trusted. The message names the address and the reason, the hint what helps against it.
 */
export function unreachable(scene: Scene, host: string, fault: Fault, cause?: unknown): RopewayError {
  return new RopewayError({
    code: scene.role === 'source' ? 'SOURCE_UNREACHABLE' : 'SINK_UNREACHABLE',
    ...place(scene),
    message: `${host} cannot be reached: ${fault.reason}`,
    hint: reachHints[fault.kind](host),
    cause,
    temporary: fault.retry,
  })
}

const reachHints: Readonly<Record<FaultKind, (host: string) => string>> = {
  certificate: (host) =>
    `give the CA's certificate: --ca-file FILE, ROPEWAY_CA_FILE, or ~/.config/containers/certs.d/${host}/ca.crt\n` +
    `or, if nobody else is on the way, name the host in the chain: insecure: ["${host}"]`,
  'client-certificate': (host) =>
    `put the client's certificate and key into ~/.config/containers/certs.d/${host}/ as client.cert and client.key`,
  dns: () => 'check the name; behind a proxy set HTTPS_PROXY',
  interrupted: () => 'run again; when it stays, check the network, proxies and limits on the way',
  'plain-server': (host) => `it may speak plain HTTP only; then name it in the chain: insecure: ["${host}"]`,
  protocol: () => 'check host and port: another service answers there',
  proxy: () => 'check HTTPS_PROXY, its user and its rules; hosts that need no proxy belong into NO_PROXY',
  refused: () => 'check host and port, and that the server runs',
  timeout: () => 'check host, port and firewall; behind a proxy set HTTPS_PROXY, else name the host in NO_PROXY',
  tls: () => 'check that the port speaks TLS 1.2 or newer',
  unknown: () => 'check the network',
}

/**
 * A reference has a tag and a digest, and the tag names something else by now (or is gone). The digest decides: what it
 * names is carried, and published under that tag at the destination.
 */
export function tagMoved(tag: string, now: string | undefined, about: string): Parameters<Log['warn']>[0] {
  const state = now === undefined ? 'is gone' : `names ${now}`
  return {
    code: 'TAG_MOVED',
    message: `${about} is carried as the digest says, while the tag "${tag}" ${state} by now`,
    about,
    hint: 'take the new digest into the reference, or leave the digest out to follow the tag',
  }
}

/**
 * An address is not a URL that can be fetched. Write `https://host/path`.
 */
export function urlInvalid(scene: Scene, reason: string): RopewayError {
  return new RopewayError({
    code: 'URL_INVALID',
    ...place(scene),
    message: `the address cannot be used: ${reason}`,
    hint: 'write it as https://host/path',
  })
}
