/** Foldable sections of a CI service's log. */
export interface Groups {
  /** Opens a section; an open one is closed first. `at` is milliseconds since the epoch. */
  open(id: string, title: string, at: number): string[]
  /** Closes the section of this id, or whatever is open. */
  close(id: string | undefined, at: number): string[]
}

type Marks = (id: string, title: string, at: number) => { readonly start: string; readonly end: (at: number) => string }

const github: Marks = (_id, title) => ({ start: `::group::${title}`, end: () => '::endgroup::' })

const gitlab: Marks = (id, title, at) => {
  const seconds = (time: number) => Math.floor(time / 1000)
  const erase = '\r\u001b[0K'
  return {
    start: `section_start:${seconds(at)}:ropeway_${id}${erase}${title}`,
    end: (time) => `section_end:${seconds(time)}:ropeway_${id}${erase}`,
  }
}

function groupsOf(marks: Marks): Groups {
  let open: { readonly id: string; readonly end: (at: number) => string } | undefined
  const close = (id: string | undefined, at: number) => {
    if (open === undefined || (id !== undefined && id !== open.id)) return []
    const line = open.end(at)
    open = undefined
    return [line]
  }
  return {
    open(id, title, at) {
      const before = close(undefined, at)
      const { start, end } = marks(id, title, at)
      open = { id, end }
      return [...before, start]
    },
    close,
  }
}

const none: Groups = { open: () => [], close: () => [] }

/** GitHub's groups, GitLab's sections, or none. */
export function groupsFor(env: Readonly<Record<string, string | undefined>>): Groups {
  if (env['GITHUB_ACTIONS'] === 'true') return groupsOf(github)
  if (env['GITLAB_CI'] === 'true') return groupsOf(gitlab)
  return none
}
