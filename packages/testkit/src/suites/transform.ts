import { isRopewayError, messageOf, type Artifact, type Finding, type Transform } from '@ropeway/core'
import { formatReference, parseReference } from '@ropeway/oci'
import { checkCases, must, mustEqual, registerCases, type CaseResult, type ContractCase, type Runner } from './case.js'
import { identityCases, optionsCases } from './common.js'
import { closureOf, definedOnly, factsOf, idOf, readVerified } from './facts.js'
import { leavesGlobals } from './globals.js'
import { collidingArtifacts, sampleArtifacts } from './sample-artifacts.js'
import { inWorld, parseOptions, type AdapterSetup, type World } from './setup.js'

/** What a transform may do without; everything is expected unless it is declared `false`. */
export type TransformCapabilities = {
  /** The adapter comes with a package that lists it. */
  readonly package?: boolean | undefined
}

export interface TransformWorld extends World {
  /**
   * What to transform, among it something that the transform changes. The default is an image by tag, one by digest, a chart
   * and a file.
   */
  artifacts?(): readonly Artifact[]
}

export interface TransformSetup extends AdapterSetup<Transform<unknown>, TransformWorld> {
  readonly capabilities?: TransformCapabilities | undefined
}

/** A transform in the surroundings of one case. */
interface TransformBench {
  readonly transform: Transform<unknown>
  readonly artifacts: readonly Artifact[]
  options(): Promise<unknown>
  /** Applies the transform with the options given; the default is those of the setup. */
  apply(artifacts: readonly Artifact[], options?: unknown): ReturnType<Transform<unknown>['apply']>
}

function transformCase(
  id: string,
  title: string,
  body: (bench: TransformBench) => Promise<void>,
  only?: 'edit' | 'name',
): ContractCase<TransformSetup> {
  return {
    id: `transform/${id}`,
    title,
    only,
    run: (setup) =>
      inWorld(setup, async (world) => {
        const transform = setup.adapter
        const options = (): Promise<unknown> => parseOptions(transform.options, world.options)
        await body({
          transform,
          artifacts: world.artifacts?.() ?? sampleArtifacts(),
          options,
          apply: async (artifacts, given) =>
            transform.apply(artifacts, given ?? (await options()), await world.context()),
        })
      }),
  }
}

/** The clauses for transforms, in the order of `docs/adapter-contract.md`. */
export const transformCases: readonly ContractCase<TransformSetup>[] = [
  ...identityCases('transform'),
  ...optionsCases('transform'),
  transformCase('stage', 'A transform MUST work at the stage "edit" or "name".', async ({ transform }) => {
    must(['edit', 'name'].includes(transform.stage), `its stage is "${transform.stage}"`)
  }),
  transformCase(
    'input-untouched',
    'apply MUST NOT change the artifacts and the list that it is given.',
    async ({ artifacts, apply }) => {
      const before = artifacts.map(factsOf)
      const given = [...artifacts]
      await apply(given)
      mustEqual(given.map(factsOf), before, 'the artifacts that were passed in changed')
      must(
        given.every((artifact, index) => artifact === artifacts[index]),
        'the list that was passed in changed',
      )
    },
  ),
  transformCase(
    'deterministic',
    'Two calls with equal arguments MUST give equal artifacts and findings in the same order.',
    async ({ artifacts, apply }) => {
      const first = await apply(artifacts)
      const second = await apply(artifacts)
      const changed = JSON.stringify(first.artifacts.map(factsOf)) !== JSON.stringify(artifacts.map(factsOf))
      must(changed || first.findings.length > 0, 'with the options of the setup it changes nothing and finds nothing')
      mustEqual(second.artifacts.map(factsOf), first.artifacts.map(factsOf), 'the second call gave other artifacts')
      mustEqual(second.findings, first.findings, 'the second call gave other findings')
    },
  ),
  transformCase('empty', 'Of no artifacts a transform MUST make none.', async ({ apply }) => {
    mustEqual((await apply([])).artifacts, [], 'it made artifacts of none')
  }),
  transformCase(
    'findings',
    'A finding MUST have a severity, an UPPER_SNAKE code and a message, and one that is an error a hint.',
    async ({ artifacts, apply }) => {
      for (const finding of (await apply(artifacts)).findings) checkFinding(finding)
    },
  ),
  transformCase(
    'name-keeps',
    'A transform of the stage "name" MUST give back all artifacts in their order, with nothing changed but destinations and how references follow them.',
    async ({ artifacts, apply }) => {
      const named = await apply(artifacts)
      mustEqual(named.artifacts.map(withoutDestinations), artifacts.map(withoutDestinations), 'more than names changed')
      for (const { content, root } of named.artifacts) await readVerified(content, root)
    },
    'name',
  ),
  transformCase(
    'name-valid',
    'Destinations that a transform gives MUST be canonical references that a registry takes.',
    async ({ artifacts, apply }) => {
      for (const artifact of (await apply(artifacts)).artifacts) {
        for (const destination of artifact.destinations ?? []) {
          const text = formatReference(destination)
          mustEqual(
            parsed(text),
            definedOnly(destination),
            `"${text}", a destination of ${idOf(artifact)}, is not canonical`,
          )
        }
      }
    },
    'name',
  ),
  transformCase(
    'name-collisions',
    'Two contents MUST NOT silently get one destination: an error, or a finding that is one, names both.',
    async ({ apply }) => {
      const [one, other] = collidingArtifacts()
      const texts: string[] = []
      const result = await apply([one, other]).catch((error: unknown) => {
        must(isRopewayError(error), `a collision ended with another error than a RopewayError: ${messageOf(error)}`)
        texts.push(JSON.stringify(error))
        return undefined
      })
      const errors = result?.findings.filter(({ severity }) => severity === 'error') ?? []
      const told = [...texts, ...errors.map((finding) => JSON.stringify(finding))]
      const taken = new Set((result?.artifacts[0]?.destinations ?? []).map(formatReference))
      const shared = (result?.artifacts[1]?.destinations ?? []).map(formatReference).filter((text) => taken.has(text))
      if (result !== undefined && shared.length === 0 && errors.length === 0) return
      const both = told.some((text) => text.includes(one.name) && text.includes(other.name))
      must(both, `two contents are called ${shared.join(', ')}, and no error names ${one.name} and ${other.name}`)
    },
    'name',
  ),
  transformCase(
    'edit-keeps',
    'A transform of the stage "edit" MUST keep everything of an artifact whose root it does not change, and set no destinations.',
    async ({ artifacts, apply }) => {
      const before = new Map(artifacts.map((artifact) => [artifact.root.digest, artifact]))
      for (const artifact of (await apply(artifacts)).artifacts) {
        mustEqual(
          artifact.destinations,
          before.get(artifact.root.digest)?.destinations,
          `${idOf(artifact)} got destinations`,
        )
        const same = before.get(artifact.root.digest)
        if (same !== undefined)
          mustEqual(factsOf(artifact), factsOf(same), `${idOf(artifact)} was changed beside its content`)
      }
    },
    'edit',
  ),
  transformCase(
    'edit-verifies',
    'After an edit, root, manifests, configs and layers of every artifact MUST open and have the digest of their descriptors.',
    async ({ artifacts, apply }) => {
      for (const { content, root } of (await apply(artifacts)).artifacts) {
        for (const descriptor of await closureOf(content, root)) await readVerified(content, descriptor)
      }
    },
    'edit',
  ),
  transformCase('options-untouched', 'apply MUST NOT change the options that it is given.', async (bench) => {
    const options = await bench.options()
    await bench.apply(bench.artifacts, options)
    mustEqual(options, await bench.options(), 'the options were changed')
  }),
  transformCase(
    'globals-untouched',
    'A transform MUST leave globals, process.env, the working directory and signal handlers as they are.',
    async ({ artifacts, apply }) => {
      await leavesGlobals(() => apply(artifacts))
    },
  ),
]

/** Registers the suite for transforms with a test runner; the default is the global `describe` and `it`. */
export function testTransform(setup: TransformSetup, runner?: Runner): void {
  registerCases(`contract of transform ${setup.adapter.name}`, transformCases, setup, runner)
}

/** Runs the suite for transforms without a test runner. */
export function checkTransform(setup: TransformSetup): Promise<readonly CaseResult[]> {
  return checkCases(transformCases, setup)
}

function checkFinding({ severity, code, message, hint = '' }: Finding): void {
  must(['warning', 'error'].includes(severity), `a finding has the severity "${severity}"`)
  must(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(code), `the code "${code}" of a finding is not UPPER_SNAKE`)
  must(message.trim() !== '', `the finding ${code} has no message`)
  must(severity !== 'error' || hint.trim() !== '', `the finding ${code} is an error without a hint`)
}

function withoutDestinations(artifact: Artifact): unknown {
  const { destinations: _destinations, alias: _alias, relocation: _relocation, ...rest } = artifact
  return factsOf(rest)
}

function parsed(reference: string): unknown {
  try {
    return parseReference(reference)
  } catch (error) {
    return messageOf(error)
  }
}
