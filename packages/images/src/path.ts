/** Where a value stands in a document: keys of maps and positions in lists, from the outside in. */
export type Path = readonly (string | number)[]

const plainKey = /^[A-Za-z_][\w-]*$/

/** A path as people write it: `spec.template.spec.containers[0].image`, other keys as `data["app.yaml"]`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (!plainKey.test(step)) text += `[${JSON.stringify(step)}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}
