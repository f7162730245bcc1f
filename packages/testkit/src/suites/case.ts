import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'

/** What a suite needs of a test runner; vitest, jest and `node:test` have it. */
export interface Runner {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void>): unknown
}

/** One clause of the contract (`docs/adapter-contract.md`) as a test. */
export interface ContractCase<Setup> {
  /** Id of the clause: `source/reopen-same-bytes`. */
  readonly id: string
  /** The clause, in one sentence. */
  readonly title: string
  /** The capability without which the clause says nothing. */
  readonly needs?: string | undefined
  /** The clause is only for adapters whose `takes` or `stage` is this one. */
  readonly only?: string | undefined
  /** Rejects when the clause is broken: with an `AssertionError`, or with what the adapter threw where it must not. */
  run(setup: Setup): Promise<void>
}

/** How an adapter stands to one clause. `skipped`: the adapter declares that the clause is not about it. */
export interface CaseResult {
  readonly id: string
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly error?: unknown
}

/** What decides which clauses are for an adapter. */
export interface Applicable {
  readonly adapter: object
  readonly capabilities?: Readonly<Record<string, boolean | undefined>> | undefined
}

/** Whether the clause is for this adapter: its kind of work matches, and nothing that it needs is declared absent. */
export function applies(contractCase: ContractCase<never>, setup: Applicable): boolean {
  const { needs, only } = contractCase
  if (needs !== undefined && setup.capabilities?.[needs] === false) return false
  if (only === undefined) return true
  const { takes, stage } = setup.adapter as { readonly takes?: unknown; readonly stage?: unknown }
  return takes === only || stage === only
}

/** Registers the applicable cases with a test runner, each under its id. */
export function registerCases<Setup extends Applicable>(
  title: string,
  cases: readonly ContractCase<Setup>[],
  setup: Setup,
  runner: Runner = globalRunner(),
): void {
  runner.describe(title, () => {
    for (const contractCase of cases) {
      if (!applies(contractCase, setup)) continue
      runner.it(`${contractCase.id}: ${contractCase.title}`, () => contractCase.run(setup))
    }
  })
}

/** Runs all cases, one after the other, without a test runner. */
export async function checkCases<Setup extends Applicable>(
  cases: readonly ContractCase<Setup>[],
  setup: Setup,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = []
  for (const contractCase of cases) {
    const { id, title } = contractCase
    if (!applies(contractCase, setup)) {
      results.push({ id, title, outcome: 'skipped' })
      continue
    }
    try {
      await contractCase.run(setup)
      results.push({ id, title, outcome: 'passed' })
    } catch (error) {
      results.push({ id, title, outcome: 'failed', error })
    }
  }
  return results
}

function globalRunner(): Runner {
  const describe: unknown = Reflect.get(globalThis, 'describe')
  const it: unknown = Reflect.get(globalThis, 'it')
  must(
    isCallable(describe) && isCallable(it),
    'no test runner: there is no global describe and it; pass { describe, it } of your runner as the last argument',
  )
  return { describe, it }
}

function isCallable(value: unknown): value is (...parameters: readonly unknown[]) => unknown {
  return typeof value === 'function'
}

/** Throws an `AssertionError` with the message unless the condition holds. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError({ message, operator: 'must', stackStartFn: must })
}

/** Throws an `AssertionError` that shows both values unless they are deeply and strictly equal. */
export function mustEqual(actual: unknown, expected: unknown, message: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  throw new AssertionError({ message, actual, expected, operator: 'deepStrictEqual', stackStartFn: mustEqual })
}

/** The error with which the action fails; an `AssertionError` when it does not fail. */
export async function mustFail(action: () => unknown, message: string): Promise<unknown> {
  try {
    await action()
  } catch (error) {
    return error
  }
  throw new AssertionError({ message, operator: 'mustFail', stackStartFn: mustFail })
}
