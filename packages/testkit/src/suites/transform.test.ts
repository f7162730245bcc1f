import { defineTransform, type Artifact, type Finding, type Transform } from '@ropeway/core'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { paperLabelSetup, paperRenameSetup } from '../paper/setups.js'
import { paperLabel, paperRename } from '../paper/transforms.js'
import { leakGlobal, packageOf, testMutants, type Mutant } from './mutant.fixture.js'
import { sampleArtifacts } from './sample-artifacts.js'
import { checkTransform, testTransform, transformCases, type TransformSetup } from './transform.js'

testTransform(paperRenameSetup(), { describe, it })
testTransform(paperLabelSetup(), { describe, it })

type Applied = Awaited<ReturnType<Transform<unknown>['apply']>>

function renaming(change: Partial<Omit<typeof paperRename, 'kind'>>): TransformSetup {
  return { ...paperRenameSetup(), adapter: defineTransform({ ...paperRename, ...change }) }
}

/** The rename with its result changed. */
function renamed(change: (result: Applied, artifacts: readonly Artifact[]) => Applied): TransformSetup {
  return renaming({
    apply: async (artifacts, options, context) =>
      change(await paperRename.apply(artifacts, options, context), artifacts),
  })
}

function labelled(change: (artifact: Artifact, before: Artifact) => Artifact): TransformSetup {
  const adapter = defineTransform({
    ...paperLabel,
    async apply(artifacts, options, context) {
      const result = await paperLabel.apply(artifacts, options, context)
      return {
        ...result,
        artifacts: result.artifacts.map((artifact, index) => change(artifact, artifacts[index] ?? artifact)),
      }
    },
  })
  return { ...paperLabelSetup(), adapter }
}

let calls = 0

function finding(change: Partial<Finding>): TransformSetup {
  const found: Finding = { severity: 'warning', code: 'PAPER_FOUND', message: 'something was found', ...change }
  return renamed((result) => ({ ...result, findings: [found] }))
}

const mutants: readonly Mutant<TransformSetup>[] = [
  { clause: 'identity', that: 'has no summary', setup: () => renaming({ summary: '' }) },
  {
    clause: 'package',
    that: 'belongs to a package with side effects',
    async setup() {
      const claim = await packageOf(paperRename, { manifest: { sideEffects: true } })
      return { ...paperRenameSetup(), capabilities: {}, package: claim }
    },
  },
  {
    clause: 'options-strict',
    that: 'takes any option',
    setup: () => renaming({ options: z.looseObject({ registry: z.string().describe('Host.') }) }),
  },
  {
    clause: 'options-described',
    that: 'describes nothing',
    setup: () => renaming({ options: z.strictObject({ registry: z.string() }) }),
  },
  { clause: 'shorthand', that: 'has a shorthand for no option', setup: () => renaming({ shorthand: 'host' }) },
  { clause: 'stage', that: 'works at no stage', setup: () => renaming({ stage: 'deliver' as 'name' }) },
  {
    clause: 'input-untouched',
    that: 'writes into the artifacts that it is given',
    setup: () =>
      renaming({
        apply(artifacts, options, context) {
          for (const artifact of artifacts) Object.assign(artifact, { reason: 'seen' })
          return paperRename.apply(artifacts, options, context)
        },
      }),
  },
  {
    clause: 'deterministic',
    that: 'counts its calls',
    setup: () =>
      renamed((result) => ({
        ...result,
        findings: [{ severity: 'warning', code: 'PAPER_CALLS', message: `call ${++calls}` }],
      })),
  },
  {
    clause: 'empty',
    that: 'makes something of nothing',
    setup: () =>
      renamed((result, artifacts) => (artifacts.length > 0 ? result : { ...result, artifacts: sampleArtifacts() })),
  },
  { clause: 'findings', that: 'finds with a code in lower case', setup: () => finding({ code: 'paper-found' }) },
  { clause: 'findings', that: 'finds an error without a hint', setup: () => finding({ severity: 'error' }) },
  {
    clause: 'name-keeps',
    that: 'renames more than destinations',
    setup: () =>
      renamed((result) => ({
        ...result,
        artifacts: result.artifacts.map((artifact) => ({ ...artifact, reason: 'renamed' })),
      })),
  },
  {
    clause: 'name-keeps',
    that: 'drops an artifact',
    setup: () => renamed((result) => ({ ...result, artifacts: result.artifacts.slice(1) })),
  },
  {
    clause: 'name-valid',
    that: 'names in capitals',
    setup: () =>
      renamed((result) => ({
        ...result,
        artifacts: result.artifacts.map((artifact) => ({
          ...artifact,
          destinations: artifact.destinations?.map((to) => ({ ...to, repository: to.repository.toUpperCase() })),
        })),
      })),
  },
  {
    clause: 'name-collisions',
    that: 'looks at each artifact alone',
    setup: () =>
      renaming({
        async apply(artifacts, options, context) {
          const each = await Promise.all(artifacts.map((artifact) => paperRename.apply([artifact], options, context)))
          return { artifacts: each.flatMap((one) => one.artifacts), findings: each.flatMap((one) => one.findings) }
        },
      }),
  },
  {
    clause: 'edit-keeps',
    that: 'touches what it does not edit',
    setup: () => labelled((artifact, before) => (artifact === before ? { ...artifact, reason: 'seen' } : artifact)),
  },
  {
    clause: 'edit-keeps',
    that: 'gives destinations',
    setup: () =>
      labelled((artifact) => ({
        ...artifact,
        destinations: [{ registry: 'paper.test', repository: 'app', tag: '1' }],
      })),
  },
  {
    clause: 'edit-verifies',
    that: 'forgets the content that it made',
    setup: () => labelled((artifact, before) => ({ ...artifact, content: before.content })),
  },
  {
    clause: 'options-untouched',
    that: 'writes into its options',
    setup: () =>
      renaming({
        async apply(artifacts, options, context) {
          const result = await paperRename.apply(artifacts, options, context)
          Object.assign(options, { registry: 'another.test' })
          return result
        },
      }),
  },
  {
    clause: 'globals-untouched',
    that: 'keeps its state in the global object',
    setup: () =>
      renaming({
        apply(artifacts, options, context) {
          leakGlobal()
          return paperRename.apply(artifacts, options, context)
        },
      }),
  },
]

testMutants('transform', transformCases, checkTransform, mutants)
