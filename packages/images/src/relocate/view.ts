import { GoMap, textOf, type Value } from '@ropeway/gotemplate'
import { documentsOf, readOnce, type Manifest, type Rendered } from '@ropeway/helm'
import type { ObjectName } from '../find-images.js'

/** One document of a rendering. */
export interface ViewDocument {
  /** `chart/templates/x.yaml`, or a file of `crds/`. */
  readonly template: string
  /** Index among the documents of its template. */
  readonly index: number
  readonly text: string
  readonly object: ObjectName
  /** Read when it is asked for; null for a document that holds nothing. */
  value(): Value
}

/** A rendering as relocation sees it: all documents in the order in which they are installed. */
export interface View {
  readonly documents: readonly ViewDocument[]
  /** The values as the chart saw them. */
  readonly values: GoMap
}

const isTest = ({ hooks }: Manifest): boolean => hooks.some((event) => event === 'test' || event === 'test-success')

/** The documents of a rendering: files of `crds/`, manifests, hooks. Without hooks, tests stay. */
export function viewOf(rendered: Rendered, noHooks = false): View {
  const counts = new Map<string, number>()
  const next = (template: string): number => {
    const index = counts.get(template) ?? 0
    counts.set(template, index + 1)
    return index
  }
  const crds = rendered.crds.flatMap(({ template, text }) =>
    documentsOf(text).map((part) => ({ template, text: part })),
  )
  const hooks = rendered.hooks.filter((hook) => !noHooks || isTest(hook))
  const documents = [...crds, ...rendered.manifests, ...hooks].map(({ template, text }) =>
    makeDocument(template, next(template), text),
  )
  return { documents, values: rendered.values }
}

/** A document of its text. */
export function makeDocument(template: string, index: number, text: string): ViewDocument {
  let read: { readonly value: Value } | undefined
  const value = (): Value => (read ??= { value: readDocument(text) }).value
  let name: ObjectName | undefined
  return {
    ...{ template, index, text, value },
    get object() {
      return (name ??= objectName(value()))
    },
  }
}

function readDocument(text: string): Value {
  try {
    return readOnce(text)
  } catch {
    return null
  }
}

function objectName(value: Value): ObjectName {
  const text = (map: Value | undefined, key: string): string | undefined => {
    const found = map instanceof GoMap ? map.entries.get(key) : undefined
    return typeof found === 'string' && found !== '' ? found : undefined
  }
  const metadata = value instanceof GoMap ? value.entries.get('metadata') : undefined
  return {
    apiVersion: text(value, 'apiVersion') ?? '',
    kind: text(value, 'kind') ?? '',
    namespace: text(metadata, 'namespace'),
    name: text(metadata, 'name') ?? text(metadata, 'generateName'),
  }
}

/** A scalar as text, for reports and comparison. */
export function scalarText(value: Value | undefined): string {
  if (value === undefined) return '(absent)'
  return typeof value === 'string' ? value : value === null ? 'null' : textOf(value)
}
