/** The command line as it can be pasted into a shell. */
export function commandLine(argv: readonly string[]): string {
  return ['ropeway', ...argv].map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** What to say after Ctrl-C to a command that goes on where it stopped. */
export function goesOn(argv: readonly string[]): string {
  return `what was carried is kept; the same command goes on from there:\n${commandLine(argv)}`
}

/** … and to one that had written nothing. */
export const nothingWritten = 'nothing was written; run the command again'

/** … and to one that removes: what is gone is gone, and the rest is found again. */
export const nothingRemoved = 'what was removed stays removed; the same command finds the rest'
