import type { Site } from '../chart/types.js'
import type { Value } from '../construct.js'
import type { CatalogueEntry } from './catalogue.js'

/** A document that was rendered, parsed. */
export interface RenderedObject {
  /** `chart/templates/x.yaml`, or the path of a file. */
  readonly template: string
  /** Index of the document among those of its template. */
  readonly document: number
  readonly value: Value
}

/** A place that holds a reference, with how sure that is. */
export interface FoundSite extends Site {
  readonly class: 'used' | 'suspected'
  /** Why it is only suspected. */
  readonly reason?: string | undefined
  /** The reference of which it is the name alone, when its tag stands beside it. */
  readonly partOf?: string | undefined
}

/** A place that is for an image and holds none. */
export interface UnresolvedSite extends Site {
  readonly reason: string
}

export interface FoundReferences {
  /** In the order of the objects; each place once. */
  readonly sites: readonly FoundSite[]
  readonly unresolved: readonly UnresolvedSite[]
}

export interface FindOptions {
  /** Places in custom resources, besides the built-in ones. */
  readonly catalogue?: readonly CatalogueEntry[] | undefined
}
