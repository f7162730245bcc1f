import { artifactKinds, type ChartTree, type LockedArtifact } from '@ropeway/core'
import { z } from 'zod'

/** Version of the lock that this room understands (docs/lock.md). */
export const lockVersion = 1

/** What a bundle needs of a lock. */
export interface BundleLock {
  readonly chain: { readonly name: string; readonly version: string }
  readonly platforms: readonly string[]
  readonly artifacts: readonly LockedArtifact[]
}

const annotationsSchema = z.record(z.string(), z.string())

const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: z.string(),
  size: z.int().nonnegative(),
  artifactType: z.string().optional(),
  platform: z
    .object({
      os: z.string(),
      architecture: z.string(),
      variant: z.string().optional(),
      'os.version': z.string().optional(),
      'os.features': z.array(z.string()).optional(),
    })
    .optional(),
  annotations: annotationsSchema.optional(),
  data: z.string().optional(),
  urls: z.array(z.string()).optional(),
})

const textsSchema = z.array(z.string())

const settingsSchema = z.object({
  name: z.string().optional(),
  namespace: z.string().optional(),
  kubeVersion: z.string().optional(),
  apiVersions: textsSchema.optional(),
  values: z.array(z.object({ name: z.string(), content: z.string() })).optional(),
  set: textsSchema.optional(),
  setString: textsSchema.optional(),
  setJson: textsSchema.optional(),
})

const treeSchema: z.ZodType<ChartTree> = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.lazy(() => z.array(treeSchema)).optional(),
})

const discoveredSchema = z.object({
  images: z.array(
    z.object({
      reference: z.string(),
      class: z.enum(['used', 'optional', 'suspected']),
      switch: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])).optional(),
      reason: z.string().optional(),
      artifact: z.string().optional(),
      excluded: z.boolean().optional(),
    }),
  ),
  filled: z.record(z.string(), z.json()).optional(),
  catalogue: z.string().optional(),
  dependencies: z.array(treeSchema).optional(),
})

const lockedArtifactSchema = z.object({
  id: z.string(),
  kind: z.enum(artifactKinds),
  name: z.string(),
  version: z.string().optional(),
  source: z.object({
    adapter: z.string(),
    step: z.string(),
    reference: z.string().optional(),
    location: z.string(),
    locator: z.json().optional(),
  }),
  published: descriptorSchema,
  root: descriptorSchema,
  platforms: z.array(z.string()).optional(),
  digestMap: z.record(z.string(), z.string()).optional(),
  naming: z.object({ path: z.string(), tags: z.array(z.string()) }),
  destinations: z.array(z.string()),
  alias: z.string().optional(),
  referrers: z.array(z.object({ descriptor: descriptorSchema, subject: z.string(), tag: z.string().optional() })),
  derived: z
    .array(z.object({ digest: z.string(), recipe: z.object({ type: z.string() }).catchall(z.json()) }))
    .optional(),
  requiredBy: z.array(z.string()).optional(),
  class: z.enum(['declared', 'used', 'optional', 'suspected']),
  reason: z.string().optional(),
  signatures: z.enum(['carried', 'invalidated', 'none']),
  annotations: annotationsSchema.optional(),
  settings: settingsSchema.optional(),
  discovered: discoveredSchema.optional(),
  relocated: z
    .object({
      mode: z.enum(['embed', 'overlay']),
      proved: z.boolean(),
      root: descriptorSchema,
      record: descriptorSchema,
      dropped: z.array(z.enum(['provenance', 'signatures'])).optional(),
    })
    .optional(),
})

/** What every version of a lock has. */
const versionSchema = z.object({ lockVersion: z.int().positive() })

/** The lock as far as a bundle needs it; a reader that needs more extends it. */
export const lockSchema = z.object({
  lockVersion: z.literal(lockVersion),
  chain: z.object({ name: z.string(), version: z.string() }),
  platforms: z.array(z.string()).default([]),
  artifacts: z.array(lockedArtifactSchema),
})

/** A lock that was read, or why it could not be. */
export type LockReading =
  { readonly lock: BundleLock } | { readonly tooNew: number } | { readonly reason: string; readonly cause?: unknown }

/** Reads the bytes of a lock, tolerant of fields that it does not need. */
export function readLock(bytes: Uint8Array): LockReading {
  const value = parseJson(bytes)
  if (!value.ok) return { reason: 'it is not JSON', cause: value.cause }
  const version = versionSchema.safeParse(value.json)
  if (!version.success) return { reason: 'it has no lockVersion' }
  if (version.data.lockVersion > lockVersion) return { tooNew: version.data.lockVersion }
  const result = lockSchema.safeParse(value.json)
  if (result.success) return { lock: result.data }
  return { reason: firstIssue(result.error) }
}

/** A JSON document of UTF-8 text, or the reason why it is none. */
export function parseJson(bytes: Uint8Array): { ok: true; json: unknown } | { ok: false; cause: unknown } {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return { ok: true, json }
  } catch (cause) {
    return { ok: false, cause }
  }
}

/** The first thing that a schema found wrong, with its place. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues
  return issue === undefined ? 'it has another shape' : `${issue.path.join('.') || 'it'}: ${issue.message}`
}
