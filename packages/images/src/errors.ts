import { RopewayError } from '@ropeway/core'
import type { Proof } from './chart/types.js'
import { unprovedLines } from './relocate/unproved.js'

/**
 * A catalogue of places in custom resources cannot be read: it is no YAML, or an entry is not as it should be. The message names the entry and
 * its field; docs/images.md has an example.
 */
export function catalogueInvalid(file: string, problem: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'CATALOGUE_INVALID',
    side: 'chain',
    operation: 'reading a catalogue of places that hold images',
    message: `${file} is no catalogue: ${problem}`,
    about: file,
    hint: 'write "catalogue:" with entries of apiVersion, kind and path, such as {apiVersion: example.org/*, kind: App, path: spec.image}',
    cause,
  })
}

/**
 * A chart cannot be rendered, so its images cannot be found. The message is Helm's. Mostly the chart wants values that it has no
 * defaults for: give them (`-f FILE`, `--set PATH=VALUE`, or `values` in a chain); the hint names those that it seems to want.
 * Otherwise the chart is at fault, or what it was given.
 */
export function chartNotRendered(
  chart: string,
  cause: Error,
  details: { readonly wanted: readonly string[]; readonly filled: readonly string[]; readonly last: Error | undefined },
): RopewayError {
  const { wanted, filled, last } = details
  const some = [...new Set([...filled, ...wanted])].slice(0, 6)
  return new RopewayError({
    code: 'CHART_NOT_RENDERED',
    side: 'discovery',
    operation: 'rendering a chart to find its images',
    message: `the chart ${chart} cannot be rendered: ${cause.message}`,
    about: chart,
    tried:
      last === undefined || last.message === cause.message
        ? []
        : [`with ${filled.join(', ')} filled in: ${last.message}`],
    hint:
      some.length === 0
        ? 'give the values that the chart requires: -f FILE, --set PATH=VALUE, or "values" in a chain'
        : `it seems to want ${some.join(', ')}: give it with -f FILE, --set ${some[0] ?? ''}=VALUE, or "values" in a chain`,
    cause,
  })
}

/**
 * A line of an image list is not one image reference. A list holds one reference a line; empty lines and what follows a
 * `#` (at the start of a line, or after a blank) are ignored. Correct the line that the error names, or put a `#` before it.
 */
export function imageListInvalid(details: {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly problem: string
  readonly cause?: unknown
}): RopewayError {
  return new RopewayError({
    code: 'IMAGE_LIST_INVALID',
    side: 'source',
    operation: 'reading an image list',
    message: `${details.file}:${details.line}: ${details.problem}`,
    about: details.text,
    at: `${details.file}:${details.line}`,
    hint: 'write one image reference a line, such as registry.example/app/web:1.2.3, and comments after a #',
    cause: details.cause,
  })
}

/**
 * A file that was named as Kubernetes manifests is not one: it is no YAML or JSON, it holds something other than
 * Kubernetes objects (a map with `apiVersion` and `kind`), or it is a template that was not rendered yet. The error names
 * file and line. Render templates first (`helm template`, `kubectl kustomize`), and name files that hold no objects under
 * `files` instead of `manifests`.
 */
export function manifestFileInvalid(details: {
  readonly file: string
  readonly line: number
  readonly problem: string
  readonly hint: string
  readonly cause?: unknown
}): RopewayError {
  return new RopewayError({
    code: 'MANIFEST_FILE_INVALID',
    side: 'source',
    operation: 'reading Kubernetes manifests',
    message: `${details.file}:${details.line}: ${details.problem}`,
    about: details.file,
    at: `${details.file}:${details.line}`,
    hint: details.hint,
    cause: details.cause,
  })
}

/**
 * Not every reference in a chart or in manifests is proved to lead to its destination, or something else differs, so it does not travel; others do.
 * The message names each and what can be done; the proof says more. Images that stay outside on purpose belong under `discover.exclude` of a
 * chain; `--allow-unproved` lets it travel all the same.
 */
export function relocationUnproved(
  about: string,
  proof: Proof,
  { hint, at }: { readonly hint: string; readonly at?: string | undefined },
): RopewayError {
  return new RopewayError({
    code: 'RELOCATION_UNPROVED',
    side: 'proof',
    message: `${about} is not proved:\n${unprovedLines(proof).join('\n')}`,
    operation: `relocating ${about}`,
    ...{ about, at, hint },
  })
}

/**
 * An image list or a manifest file is not UTF-8 text: it is another encoding (UTF-16, as some editors on Windows write) or
 * no text at all. Save it as UTF-8, or name it under `files` when it is no list and no manifest.
 */
export function textNotUtf8(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'TEXT_NOT_UTF8',
    side: 'source',
    operation: 'reading',
    message: `${file} is not UTF-8 text`,
    about: file,
    hint: 'save it as UTF-8; a file that is no list and no manifest belongs under "files"',
    cause,
  })
}
