import { artifactKinds, isFailure, type Artifact } from '@ropeway/core'
import { formatReference, isDigest, isManifestType, isRepository, isTag, parseReference } from '@ropeway/oci'
import { must, mustEqual, mustFail } from './case.js'
import { definedOnly, factsOf, idOf, isStop, mustHide, mustTell, referrersOf, textOf } from './facts.js'
import { leavesGlobals } from './globals.js'
import { settles, stoppedSignal, withPatience } from './setup.js'
import { sourceCase, type SourceBench } from './source-bench.js'

/** Clauses on what a resolve yields. */
export const resolveCases = [
  sourceCase(
    'artifact-facts',
    'An artifact MUST have a known kind, a name, a location, a manifest or index as root, and a naming that a registry takes.',
    async (bench) => {
      for (const artifact of await bench.artifacts()) checkFacts(artifact)
    },
  ),
  sourceCase(
    'ids-unique',
    'Two artifacts of one resolve MUST NOT share kind, name and version unless their roots are equal.',
    async (bench) => {
      const roots = new Map<string, string>()
      for (const artifact of await bench.artifacts()) {
        const known = roots.get(idOf(artifact)) ?? artifact.root.digest
        mustEqual(artifact.root.digest, known, `two artifacts are called ${idOf(artifact)}`)
        roots.set(idOf(artifact), known)
      }
    },
  ),
  sourceCase(
    'plain-data',
    'Everything of an artifact but its content MUST be plain JSON data: equal after a round trip through JSON.',
    async (bench) => {
      for (const artifact of await bench.artifacts()) {
        const { content: _content, ...facts } = artifact
        mustEqual(definedOnly(facts), factsOf(artifact), `${idOf(artifact)} is not plain data`)
      }
    },
  ),
  sourceCase(
    'no-secrets',
    'No artifact, failure, log line or event MUST hold a secret: neither a credential nor a token of the options.',
    async (bench) => {
      const watch = await bench.watch()
      const artifacts = (await bench.artifacts(watch)).map((artifact) => JSON.stringify(factsOf(artifact)))
      const failures = (await bench.failures('broken', watch)).map(({ about, error }) => `${about} ${textOf(error)}`)
      mustHide([...watch.secrets, ...(bench.world.secrets ?? [])], [...artifacts, ...failures, ...watch.told])
    },
  ),
  sourceCase(
    'resolve-deterministic',
    'Two resolves of an unchanged origin MUST yield equal artifacts in the same order.',
    async (bench) => {
      const first = await bench.artifacts()
      const second = await bench.artifacts()
      mustEqual(second.map(factsOf), first.map(factsOf), 'the second resolve gave something else')
    },
  ),
  sourceCase(
    'failures-reported',
    'What cannot be resolved MUST be yielded as a failure, not thrown, and each of several on its own.',
    async (bench) => {
      const items = await bench.items('broken')
      const failures = items.filter(isFailure)
      must(failures.length > 0, 'the broken options of the setup give no failure')
      if (bench.capabilities.many === false) return
      must(failures.length > 1, 'the broken options name two things that are not there, and one failure came')
      must(failures.length < items.length, 'the broken options also name something that is there, and no artifact came')
    },
  ),
  sourceCase(
    'failures-told',
    'A failure MUST say what it is about and hold a RopewayError with a code, a side (source, chain, verification) and a hint.',
    async (bench) => {
      for (const { about, error } of await bench.failures('broken')) {
        must(about.trim() !== '', 'a failure does not say what it is about')
        mustTell(error, ['source', 'chain', 'verification'])
      }
    },
  ),
  sourceCase(
    'resolve-stops',
    'When the signal of the context is aborted, resolve MUST end with its reason and yield nothing further.',
    async (bench) => {
      const options = await bench.options()
      const { context } = await bench.watch(stoppedSignal())
      const first = bench.source.resolve(options, context)[Symbol.asyncIterator]()
      const error = await mustFail(async () => {
        const result = await withPatience('a stopped resolve', first.next(), bench.patience)
        must(result.done !== true, 'a stopped resolve ended as if there were nothing to resolve')
      }, 'a stopped resolve yielded something')
      must(isStop(error), `a stopped resolve ended with another error: ${textOf(error)}`)
    },
  ),
  sourceCase(
    'resolve-left-early',
    'An iteration of resolve that is left early MUST leave nothing pending.',
    async (bench) => {
      const watch = await bench.watch()
      const iterator = bench.source.resolve(await bench.options(), watch.context)[Symbol.asyncIterator]()
      await iterator.next()
      await withPatience('an iteration that was left early', Promise.resolve(iterator.return?.()), bench.patience)
      await settles(watch.pending, bench.patience)
    },
  ),
  sourceCase(
    'reads-only',
    'A source MUST NOT change a registry, and MUST ask for hosts and credentials in the role source.',
    async (bench) => {
      const watch = await bench.watch()
      for (const artifact of await bench.artifacts(watch)) {
        if (artifact.content.referrers) await referrersOf(artifact.content, artifact.root)
        const reopened = await bench.reopen(artifact)
        mustEqual(reopened.watch.writes, [], 'reopen wrote to a registry')
      }
      mustEqual(watch.writes, [], 'resolve wrote to a registry')
      mustEqual(
        [...watch.roles].filter((role) => role !== 'source'),
        [],
        'it asked for a host in another role',
      )
    },
  ),
]

/** Clauses on how a source treats what is not its own. */
export const conductCases = [
  sourceCase(
    'inputs-stable',
    'inputs MUST tell each local file that decides what is resolved, by digest, and the same for unchanged files.',
    async (bench) => {
      const first = await inputsOf(bench)
      must(
        Object.keys(first).length > 0,
        'the source has no inputs; if these options name no file, declare `inputs: false`',
      )
      for (const [name, digest] of Object.entries(first)) must(isDigest(digest), `the digest of ${name} is "${digest}"`)
      mustEqual(await inputsOf(bench), first, 'inputs told something else the second time')
    },
    'inputs',
  ),
  sourceCase(
    'options-untouched',
    'Neither resolve nor reopen nor inputs MUST change the options that they are given.',
    async (bench) => {
      const options = await bench.options()
      const { context } = await bench.watch()
      for await (const item of bench.source.resolve(options, context)) {
        if (isFailure(item)) continue
        const { locked } = await bench.reopen(item)
        await bench.source.reopen(locked, options, context)
      }
      await bench.source.inputs?.(options, context)
      mustEqual(options, await bench.options(), 'the options were changed')
    },
  ),
  sourceCase(
    'globals-untouched',
    'A source MUST leave globals, process.env, the working directory and signal handlers as they are.',
    async (bench) => {
      await leavesGlobals(async () => {
        for (const artifact of await bench.artifacts()) await bench.reopen(artifact)
      })
    },
  ),
  sourceCase(
    'capabilities',
    'A source MUST NOT have what it declares not to have: a capability that is declared absent is absent.',
    async (bench) => {
      const { many, referrers, derived, inputs, drift } = bench.capabilities
      const artifacts = await bench.artifacts()
      if (referrers === false) {
        const having = artifacts.filter(({ content }) => content.referrers !== undefined)
        mustEqual(
          having.map(idOf),
          [],
          'content of these artifacts has `referrers`, and `referrers: false` is declared',
        )
      }
      if (derived === false) {
        const having = artifacts.filter((artifact) => (artifact.derived ?? []).length > 0)
        mustEqual(having.map(idOf), [], 'these artifacts are derived, and `derived: false` is declared')
      }
      if (inputs === false) mustEqual(await inputsOf(bench), {}, 'there are inputs, and `inputs: false` is declared')
      if (drift === false) must(bench.world.drift === undefined, 'the setup can drift, and `drift: false` is declared')
      if (many === false) {
        must(artifacts.length === 1, 'the options resolve to several artifacts, and `many: false` is declared')
      }
    },
  ),
]

async function inputsOf(bench: SourceBench): Promise<Readonly<Record<string, string>>> {
  const { context } = await bench.watch()
  return (await bench.source.inputs?.(await bench.options(), context)) ?? {}
}

function checkFacts(artifact: Artifact): void {
  const { kind, name, source, root, naming } = artifact
  const id = idOf(artifact)
  must(artifactKinds.includes(kind), `${id} has the kind "${kind}"`)
  must(name.trim() !== '', `an artifact of kind ${kind} has no name`)
  must(source.location.trim() !== '', `${id} has no location`)
  must(isDigest(root.digest), `the root of ${id} has the digest "${root.digest}"`)
  must(Number.isSafeInteger(root.size) && root.size > 0, `the root of ${id} has the size ${root.size}`)
  must(isManifestType(root.mediaType), `the root of ${id} is "${root.mediaType}", neither a manifest nor an index`)
  must(isRepository(naming.path), `"${naming.path}", the path of ${id}, is no repository`)
  for (const tag of naming.tags) must(isTag(tag), `"${tag}" of ${id} is no tag`)
  if (source.reference === undefined) return
  const text = formatReference(source.reference)
  mustEqual(
    definedOnly(parseReference(text)),
    definedOnly(source.reference),
    `the reference ${text} of ${id} is not canonical`,
  )
}
