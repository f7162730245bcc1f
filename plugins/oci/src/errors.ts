import type { Log } from '@ropeway/core'

type Warning = Parameters<Log['warn']>[0]

/**
 * A reference has a tag and a digest, and the tag names something else by now (or is gone). The digest decides: what it
 * names is carried, and published under that tag at the destination.
 */
export function tagMoved(tag: string, now: string | undefined, about: string): Warning {
  return {
    code: 'TAG_MOVED',
    message: `${about} is carried as the digest says, while the tag "${tag}" ${now === undefined ? 'is gone' : `names ${now}`} by now`,
    about,
    hint: 'take the new digest into the reference, or leave the digest out to follow the tag',
  }
}
