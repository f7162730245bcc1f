/** Where a value stands: keys of maps and positions in lists, from the outside in. */
export type ValuesPath = readonly (string | number)[]

/** A path as `--set` takes it: `a.b[0].c`; dots and the like in keys stand behind a backslash. */
export function formatValuesPath(path: ValuesPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`
    else text += `${text === '' ? '' : '.'}${step.replace(/[\\.,=[\]]/g, '\\$&')}`
  }
  return text
}

const part = /\[(\d+)\]|((?:\\.|[^\\.[])+)|\./gs

/** Reads a path that is written as for `--set`. */
export function parseValuesPath(text: string): ValuesPath {
  return [...text.matchAll(part)].flatMap(([, index, key]): (string | number)[] => {
    if (index !== undefined) return [Number(index)]
    return key === undefined ? [] : [key.replace(/\\(.)/gs, '$1')]
  })
}
