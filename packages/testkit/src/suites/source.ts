import type { Source } from '@ropeway/core'
import { checkCases, registerCases, type CaseResult, type ContractCase, type Runner } from './case.js'
import { identityCases, optionsCases } from './common.js'
import { contentCases } from './source-content.js'
import { derivedCases, referrerCases } from './source-extras.js'
import { reopenCases } from './source-reopen.js'
import { conductCases, resolveCases } from './source-resolve.js'
import type { AdapterSetup, World } from './setup.js'

/** What a source may do without; everything is expected unless it is declared `false`. */
export type SourceCapabilities = {
  /** One step can name several things. */
  readonly many?: boolean | undefined
  /** Some of the resolved content has referrers. */
  readonly referrers?: boolean | undefined
  /** Some of the resolved content was made by the source. */
  readonly derived?: boolean | undefined
  /** The options name local files that decide what is resolved. */
  readonly inputs?: boolean | undefined
  /** What is resolved can change at its origin. */
  readonly drift?: boolean | undefined
  /** The adapter comes with a package that lists it. */
  readonly package?: boolean | undefined
}

export interface SourceWorld extends World {
  /** Options of which at least one thing cannot be resolved; of a source that takes several, two, beside one that can. */
  readonly broken: unknown
  /** Secrets that must not show, beside those that `Context.credential` gives: tokens in the options, passwords of the registry. */
  readonly secrets?: readonly string[] | undefined
  /** Changes the origin so that resolving again gives something else, and keeps what was resolved. */
  drift?(): unknown
}

export interface SourceSetup extends AdapterSetup<Source<unknown>, SourceWorld> {
  readonly capabilities?: SourceCapabilities | undefined
}

/** The clauses for sources, in the order of `docs/adapter-contract.md`. */
export const sourceCases: readonly ContractCase<SourceSetup>[] = [
  ...identityCases('source'),
  ...optionsCases('source'),
  ...resolveCases,
  ...contentCases,
  ...reopenCases,
  ...referrerCases,
  ...derivedCases,
  ...conductCases,
]

/** Registers the suite for sources with a test runner; the default is the global `describe` and `it`. */
export function testSource(setup: SourceSetup, runner?: Runner): void {
  registerCases(`contract of source ${setup.adapter.name}`, sourceCases, setup, runner)
}

/** Runs the suite for sources without a test runner. */
export function checkSource(setup: SourceSetup): Promise<readonly CaseResult[]> {
  return checkCases(sourceCases, setup)
}
