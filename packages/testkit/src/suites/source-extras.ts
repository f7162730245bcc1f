import type { Artifact } from '@ropeway/core'
import { cosignTags, fallbackTag, parseManifest } from '@ropeway/oci'
import { must, mustEqual } from './case.js'
import { closureOf, factsOf, idOf, readVerified, referrersOf } from './facts.js'
import { sourceCase, type SourceBench } from './source-bench.js'

/** Clauses on signatures, SBOMs and attestations. */
export const referrerCases = [
  sourceCase(
    'referrers-found',
    'A source whose content has referrers MUST tell them, each with the digest that was asked for as its subject.',
    async (bench) => {
      let found = 0
      for (const { content, root } of await bench.artifacts()) {
        const referrers = (await content.referrers?.(root)) ?? []
        found += referrers.length
        for (const { subject, descriptor } of referrers) {
          mustEqual(subject, root.digest, `${descriptor.digest} is told as a referrer of another digest`)
        }
      }
      must(
        found > 0,
        'no root of the setup has referrers; give options whose artifacts have some, or declare `referrers: false`',
      )
    },
    'referrers',
  ),
  sourceCase(
    'referrers-refer',
    'A referrer MUST refer to its subject: by the `subject` of its manifest, or by a tag that names the digest.',
    async (bench) => {
      for (const artifact of await bench.artifacts()) {
        for (const { descriptor, subject, tag } of await referrersOf(artifact.content, artifact.root)) {
          const named = tag !== undefined && [fallbackTag(subject), ...Object.values(cosignTags(subject))].includes(tag)
          if (named) continue
          const manifest = parseManifest(await readVerified(artifact.content, descriptor), descriptor.mediaType)
          mustEqual(
            manifest.subject?.digest,
            subject,
            `${descriptor.digest}, a referrer of ${idOf(artifact)}, refers elsewhere`,
          )
        }
      }
    },
    'referrers',
  ),
  sourceCase(
    'referrers-open',
    'A referrer and all that it consists of MUST open and verify, also after reopen.',
    async (bench) => {
      for (const artifact of await bench.artifacts()) {
        const { content, locked } = await bench.reopen(artifact)
        for (const { descriptor } of locked.referrers) {
          for (const from of [artifact.content, content]) {
            for (const part of await closureOf(from, descriptor)) await readVerified(from, part)
          }
        }
      }
    },
    'referrers',
  ),
]

/** Clauses on content that the source made itself. */
export const derivedCases = [
  sourceCase(
    'derived-in-content',
    'A derived entry MUST name a manifest or blob of the artifact, and its recipe a type.',
    async (bench) => {
      for (const artifact of await derivedOf(bench)) {
        const digests = new Set((await closureOf(artifact.content, artifact.root)).map(({ digest }) => digest))
        for (const { digest, recipe } of artifact.derived ?? []) {
          must(digests.has(digest), `${digest} is derived, and not in ${idOf(artifact)}`)
          must(recipe.type.trim() !== '', `the recipe of ${digest} has no type`)
        }
      }
    },
    'derived',
  ),
  sourceCase(
    'derived-remade',
    'reopen MUST make derived content again from its recipe, with the same digest.',
    async (bench) => {
      for (const artifact of await derivedOf(bench)) {
        const { content, locked } = await bench.reopen(artifact)
        for (const descriptor of await closureOf(content, locked.root)) await readVerified(content, descriptor)
        mustEqual(locked.derived, (factsOf(artifact) as Pick<Artifact, 'derived'>).derived, 'the lock lost a recipe')
      }
    },
    'derived',
  ),
]

async function derivedOf(bench: SourceBench): Promise<readonly Artifact[]> {
  const artifacts = (await bench.artifacts()).filter(({ derived = [] }) => derived.length > 0)
  must(
    artifacts.length > 0,
    'nothing that the setup resolves is derived; give such options, or declare `derived: false`',
  )
  return artifacts
}
