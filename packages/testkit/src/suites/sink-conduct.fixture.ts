import { RopewayError } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { z } from 'zod'
import { paperFileSetup, paperMultipartSetup, paperReleaseSetup, paperStoreSetup } from '../paper/setups.js'
import { closureOf, readVerified } from './facts.js'
import { leakGlobal, packageOf } from './mutant.fixture.js'
import { sampleFor } from './samples.js'
import { delivering, mutated, path, surveying } from './sink-mutant.fixture.js'
import type { Mutant } from './mutant.fixture.js'
import type { SinkSetup } from './sink.js'

let calls = 0

/** Sinks that break what holds for sinks of every type. */
export const conductMutants: readonly Mutant<SinkSetup>[] = [
  {
    clause: 'identity',
    that: 'has a summary of two lines',
    setup: () => mutated(paperFileSetup(), () => ({ summary: 'a file\non paper' })),
  },
  {
    clause: 'package',
    that: 'is listed as a source',
    async setup() {
      const setup = paperFileSetup()
      const claim = await packageOf(setup.adapter, { entry: { kind: 'source' } })
      return { ...setup, capabilities: { unit: false }, package: claim }
    },
  },
  {
    clause: 'options-strict',
    that: 'takes any option below one of its own',
    setup: () =>
      mutated(paperReleaseSetup(), () => ({
        options: z.strictObject({
          service: z.string().describe('Host.'),
          more: z
            .looseObject({ text: z.string().describe('Text.') })
            .optional()
            .describe('More.'),
        }),
      })),
  },
  {
    clause: 'options-described',
    that: 'does not describe the options of a list',
    setup: () =>
      mutated(paperReleaseSetup(), () => ({
        options: z.strictObject({
          service: z.string().describe('Host.'),
          more: z
            .array(z.strictObject({ text: z.string() }))
            .optional()
            .describe('More.'),
        }),
      })),
  },
  {
    clause: 'shorthand',
    that: 'has a shorthand for no option',
    setup: () => mutated(paperFileSetup(), () => ({ shorthand: 'file' })),
  },
  {
    clause: 'declares',
    that: 'accepts nothing',
    setup() {
      const setup = mutated(paperReleaseSetup(), () => ({ accepts: [] }))
      const destination = { registry: 'kit.test', repository: 'kit/file', tag: '1' }
      return {
        ...setup,
        arrange: async () => ({
          ...(await setup.arrange()),
          samples: (seed) => [sampleFor('file', seed, destination)],
        }),
      }
    },
  },
  {
    clause: 'survey-reads-only',
    that: 'mounts a blob while it surveys',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        async survey(plan, options, context) {
          const survey = await sink.survey(plan, options, context)
          const descriptor = { mediaType: '', digest: sha256(new Uint8Array()), size: 0 }
          await context.registry('kit.test', 'sink').mount('kit/file', descriptor, 'kit/other')
          return survey
        },
      })),
  },
  {
    clause: 'survey-reads-only',
    that: 'tells something else at every survey',
    setup: () => surveying(paperStoreSetup(), () => ({ notes: [`survey ${++calls}`] })),
  },
  {
    clause: 'survey-facts',
    that: 'has no location',
    setup: () => surveying(paperStoreSetup(), () => ({ location: '' })),
  },
  { clause: 'survey-names', that: 'tells no names', setup: () => surveying(paperStoreSetup(), () => ({ names: [] })) },
  {
    clause: 'survey-content',
    that: 'says that all is there',
    setup: () =>
      mutated(paperStoreSetup(), (sink) => ({
        async survey(plan, options, context) {
          const { present = [], missing = [], ...survey } = await sink.survey(plan, options, context)
          return { ...survey, present: new Set([...present, ...missing]) }
        },
      })),
  },
  {
    clause: 'survey-complete',
    that: 'is complete from the start',
    setup: () => surveying(paperFileSetup(), () => ({ complete: true })),
  },
  {
    clause: 'survey-complete',
    that: 'is never complete',
    setup: () => surveying(paperFileSetup(), () => ({ complete: false })),
  },
  {
    clause: 'survey-stops',
    that: 'does not look at the signal',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        survey: (plan, options, context) =>
          sink.survey(plan, options, { ...context, signal: new AbortController().signal }),
      })),
  },
  {
    clause: 'survey-reads-only',
    that: 'creates what it looks for',
    setup: () =>
      mutated(paperStoreSetup(), (sink, at) => ({
        async survey(plan, options, context) {
          const survey = await sink.survey(plan, options, context)
          const content = new Map([[plan.artifacts[0]?.root.digest ?? '', new Uint8Array(1)]])
          const { repositories } = at(options)
          if (!repositories.has('kit/image')) repositories.set('kit/image', { content, tags: new Map() })
          return { ...survey, present: undefined, missing: undefined }
        },
      })),
  },
  {
    clause: 'check-leaves-no-trace',
    that: 'leaves a file after its check',
    setup: () =>
      mutated(paperFileSetup(), (sink, at) => ({
        async check(plan, options, context) {
          await sink.check?.(plan, options, context)
          at(options).files.set(path, { identity: 'a probe', bytes: new Uint8Array(1) })
        },
      })),
  },
  {
    clause: 'check-refuses',
    that: 'checks nothing',
    setup: () => mutated(paperFileSetup(), () => ({ check: async () => undefined })),
  },
  {
    clause: 'delivers',
    that: 'leaves out charts',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery) => ({
        async put(artifact, content) {
          if (artifact.kind !== 'chart') return await delivery.put(artifact, content)
          for (const part of await closureOf(content, artifact.root)) await readVerified(content, part)
        },
      })),
  },
  {
    clause: 'delivers-again',
    that: 'fails when there is nothing to do',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        async open(plan, survey, options, context) {
          if (survey.complete === true) throw new RopewayError({ code: 'THERE', side: 'sink', message: 'it is there' })
          return await sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'abort-shows-nothing',
    that: 'publishes when it gives up',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery) => ({
        async abort() {
          await delivery.close()
        },
      })),
  },
  {
    clause: 'closing',
    that: 'closes without a location',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => ({
        close: async () => ({ ...(await delivery.close()), location: '' }),
      })),
  },
  {
    clause: 'refusal-told',
    that: 'fails with an error of its own',
    setup: () =>
      mutated(paperFileSetup(), (sink, at) => ({
        async open(plan, survey, options, context) {
          if (at(options).readOnly) throw new TypeError('read-only')
          return await sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'no-secrets',
    that: 'notes its password',
    setup: () => surveying(paperStoreSetup(), () => ({ notes: ['logged in as paper:paper-secret'] })),
  },
  {
    clause: 'asks-as-sink',
    that: 'asks for credentials of the source',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        async open(plan, survey, options, context) {
          await context.credential('kit.test', 'source')
          return await sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'arguments-untouched',
    that: 'writes into the plan',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        open(plan, survey, options, context) {
          Object.assign(plan, { opened: true })
          return sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'globals-untouched',
    that: 'keeps its state in the global object',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        open(plan, survey, options, context) {
          leakGlobal()
          return sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'capabilities',
    that: 'declares "check: false" and has it',
    setup: () => ({ ...paperFileSetup(), capabilities: { package: false, unit: false, check: false } }),
  },
  {
    clause: 'capabilities',
    that: 'declares "readBack: false" and has it',
    setup: () => ({ ...paperFileSetup(), capabilities: { package: false, unit: false, readBack: false } }),
  },
  {
    clause: 'capabilities',
    that: 'declares "unit: false" and has it',
    setup: () => ({ ...paperMultipartSetup(), capabilities: { package: false, unit: false, readBack: false } }),
  },
  {
    clause: 'capabilities',
    that: 'declares "mounts: false" and has it',
    setup: () => ({ ...paperStoreSetup({ mounts: true }), capabilities: { package: false, mounts: false } }),
  },
]
