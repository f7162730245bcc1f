import type { NamedChart } from './options.js'

/** What the chain says of a chart beside its content, for the phases that render it. */
export function chartNotes({ values, set }: NamedChart): Readonly<Record<string, string>> {
  return {
    ...(values.length === 0 ? {} : { 'helm.values': JSON.stringify(values) }),
    ...(set.length === 0 ? {} : { 'helm.set': JSON.stringify(set) }),
  }
}
