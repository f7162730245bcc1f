import { AssertionError } from 'node:assert'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiVersion, isRopewayError, type Adapter } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import type { CaseResult, ContractCase } from './case.js'
import type { PackageClaim } from './setup.js'

/** A setup with an adapter that breaks one clause. */
export interface Mutant<Setup> {
  /** Id of the clause, without the kind. */
  readonly clause: string
  /** What is broken, as the end of "catches a source that …". */
  readonly that: string
  setup(): Setup | Promise<Setup>
}

/** Tests that the suite fails each mutant in its clause and in no other, and that each clause has a mutant. */
export function testMutants<Setup>(
  kind: Adapter['kind'],
  cases: readonly ContractCase<Setup>[],
  check: (setup: Setup) => Promise<readonly CaseResult[]>,
  mutants: readonly Mutant<Setup>[],
): void {
  describe(`the suite for a ${kind}`, () => {
    for (const { clause, that, setup } of mutants) {
      it(`catches one that ${that}, by ${kind}/${clause}`, async () => {
        const failed = (await check(await setup())).filter(({ outcome }) => outcome === 'failed')
        expect(failed.map(({ id }) => id)).toEqual([`${kind}/${clause}`])
        const error = failed[0]?.error
        expect(error instanceof AssertionError || isRopewayError(error)).toBe(true)
      })
    }
    it('has a broken adapter for every clause', () => {
      const broken = new Set(mutants.map(({ clause }) => `${kind}/${clause}`))
      expect(cases.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([])
    })
  })
}

/** A package in a temporary folder that lists the adapter; `change` makes it list something else. */
export async function packageOf(
  adapter: Adapter,
  change: { readonly entry?: object; readonly manifest?: object } = {},
): Promise<PackageClaim> {
  const json = join(await mkdtemp(join(tmpdir(), 'ropeway-kit-')), 'package.json')
  const { kind, name } = adapter
  const entry = { kind, name, module: './dist/index.js', export: 'theAdapter', ...change.entry }
  const ropeway = { apiVersion, adapters: [entry] }
  await writeFile(json, JSON.stringify({ type: 'module', sideEffects: false, oclif: { ropeway }, ...change.manifest }))
  return { json, exports: { theAdapter: adapter } }
}

let leaks = 0

/** Puts a new name on the global object, which vitest's worker throws away at its end. */
export function leakGlobal(): void {
  leaks += 1
  Reflect.set(globalThis, `paperLeak${leaks}`, true)
}
