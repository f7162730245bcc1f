import type { Proof } from '../chart/types.js'

/** What keeps a proof from holding, a line each. */
export function unprovedLines({ references, differences }: Proof): string[] {
  return [
    ...references
      .filter(({ proved }) => !proved)
      .map(({ before, reason, hint }) => `- ${[before, reason, hint].filter((text) => text !== undefined).join(': ')}`),
    ...differences.map(
      ({ place, before, after }) => `- ${place} changed from ${JSON.stringify(before)} to ${JSON.stringify(after)}`,
    ),
  ]
}
