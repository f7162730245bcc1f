import { RopewayError, type Role, type Side } from '@ropeway/core'

const fakeOnly = 'this is a fake for tests: look at what the test put into it'

/** A bytes delivery was closed before all of the archive was stored. Nothing became visible; deliver the rest, then close. */
export function archiveIncomplete(location: string, missing: string): RopewayError {
  return new RopewayError({
    code: 'ARCHIVE_INCOMPLETE',
    side: 'sink',
    message: `${location} cannot be closed: ${missing} was never stored`,
    operation: 'closing',
    about: location,
    hint: 'run the same command again; it goes on where it stopped',
  })
}

/** A name transform gave one destination to two different contents. Rename one of the two. */
export function destinationTaken(
  destination: string,
  first: string,
  second: string,
  side: Side = 'transform',
): RopewayError {
  return new RopewayError({
    code: 'DESTINATION_TAKEN',
    side,
    message: `${first} and ${second} would both be ${destination}`,
    operation: 'naming',
    about: destination,
    tried: [first, second],
    hint: 'give one of them another name',
  })
}

/** A range was written to a multipart upload that does not begin and end with its parts. Only an engine at fault does so. */
export function partMisaligned(unit: number, start: number, end: number): RopewayError {
  return new RopewayError({
    code: 'PART_MISALIGNED',
    side: 'sink',
    message: `bytes ${start} to ${end} are not one part of ${unit} bytes`,
    operation: 'writing',
    about: `${start}-${end}`,
    hint: 'write ranges that start at a multiple of the unit and are as long, but for the last one',
  })
}

/** A manifest was put before what it refers to, or a blob into a repository that was never created. Deliver that first. */
export function referredMissing(repository: string, digest: string, what: string): RopewayError {
  return new RopewayError({
    code: 'REFERRED_MISSING',
    side: 'sink',
    message: `${repository} has no ${what} yet, which ${digest} needs`,
    operation: 'pushing',
    about: `${repository}@${digest}`,
    hint: 'create the repository first, then put blobs, then manifests with children first, then tags',
  })
}

/** The fake was asked for content or a name that the test did not put into it. */
export function fakeNotFound(role: Role, about: string, near: readonly string[] = []): RopewayError {
  return new RopewayError({
    code: role === 'source' ? 'SOURCE_NOT_FOUND' : 'SINK_NOT_FOUND',
    side: role,
    message: `${about} does not exist`,
    operation: 'reading',
    about,
    hint: near.length > 0 ? `there is ${near.join(', ')}` : fakeOnly,
  })
}

/**
 * The fake refused access: the test made it do so. On the side of a source and on that of a sink it is what a registry
 * answers with 401.
 */
export function fakeUnauthorized(role: Role, host: string): RopewayError {
  return new RopewayError({
    code: role === 'source' ? 'SOURCE_UNAUTHORIZED' : 'SINK_UNAUTHORIZED',
    side: role,
    message: `${host} accepts no credentials`,
    operation: role === 'source' ? 'reading' : 'pushing',
    about: host,
    hint: fakeOnly,
  })
}

/**
 * A server of a test refused what the kit's own client asked of it, or answered something else. Look at the server's
 * answer in the message.
 */
export function unexpectedAnswer(method: string, url: string, status: number, answer: string): RopewayError {
  const { origin, pathname } = new URL(url)
  return new RopewayError({
    code: 'UNEXPECTED_ANSWER',
    side: 'internal',
    message: `${method} ${origin}${pathname} was answered with ${status}: ${answer.slice(0, 300)}`,
    operation: 'talking to the server of a test',
    about: `${origin}${pathname}`,
    hint: 'look at the answer; the registry may want credentials, or refuse the fixture',
  })
}
