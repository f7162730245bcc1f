import { z } from 'zod'

const annotations = z.record(z.string(), z.string())

const platform = z.object({
  os: z.string().default(''),
  architecture: z.string().default(''),
  variant: z.string().optional(),
  'os.version': z.string().optional(),
  'os.features': z.array(z.string()).optional(),
})

/** A descriptor (image-spec, descriptor.md); unknown fields stay in the bytes and are not looked at. */
export const descriptorSchema = z.object({
  mediaType: z.string().min(1),
  digest: z.string(),
  size: z.int().nonnegative(),
  artifactType: z.string().optional(),
  platform: platform.nullish().transform((value) => value ?? undefined),
  annotations: annotations.nullish().transform((value) => value ?? undefined),
  data: z.string().optional(),
  urls: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? undefined),
})

const shared = {
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptorSchema.nullish().transform((value) => value ?? undefined),
  annotations: annotations.nullish().transform((value) => value ?? undefined),
}

export const imageManifestSchema = z.object({
  ...shared,
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  layers: z
    .array(descriptorSchema)
    .nullish()
    .transform((value) => value ?? []),
})

export const indexSchema = z.object({
  ...shared,
  schemaVersion: z.literal(2),
  manifests: z
    .array(descriptorSchema)
    .nullish()
    .transform((value) => value ?? []),
})

export const artifactManifestSchema = z.object({
  ...shared,
  blobs: z
    .array(descriptorSchema)
    .nullish()
    .transform((value) => value ?? []),
})

/** The part of an image config that is read: the platform it runs on (image-spec, config.md). */
export const imageConfigSchema = z.object({
  os: z.string().optional(),
  architecture: z.string().optional(),
  variant: z.string().optional(),
  'os.version': z.string().optional(),
  'os.features': z.array(z.string()).optional(),
})
