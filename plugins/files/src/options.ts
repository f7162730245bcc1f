import { z } from 'zod'

const fileName = z
  .string()
  // Part of the JSON Schema, so spelt as every reader of one understands it: not every one knows \p{…}.
  .regex(/^(?!\.{1,2}$)[^/\\]+$/, 'a file name without slashes')
  .refine((name) => !/\p{Cc}/u.test(name), 'a file name without control characters')
  .describe('Name at the destination, in place of the last part of the path or address.')

const checksum = z
  .string()
  .regex(/^(sha256:)?[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')
  .describe('sha256 that the file must have.')

const path = z.string().min(1).describe('File, folder or glob, relative to the chain file.')

const item = z.union([
  z.string().min(1).describe('File, folder, glob or http(s) address.'),
  z.strictObject({ path, name: fileName.optional(), sha256: checksum.optional() }),
  z.strictObject({
    url: z.url({ protocol: /^https?$/ }).describe('http(s) address.'),
    name: fileName.optional(),
    sha256: checksum.optional(),
  }),
])

const reference = z.string().min(1)

const archive = z.union([
  z.string().min(1).describe('docker-archive or OCI layout: tar file, folder or glob.'),
  z.strictObject({
    path,
    name: reference
      .describe('What to call the image of an archive that holds one; without a tag it takes the tags of the archive.')
      .optional(),
    names: z
      .record(z.string(), reference)
      .describe('References for images without a name, by the digests of their manifests.')
      .optional(),
  }),
])

/** Options of the `files` source. Each takes one thing or a list. */
export const filesOptions = z
  .strictObject({
    images: oneOrMore(z.string().min(1))
      .optional()
      .describe('Image lists: files or globs, one reference a line, comments after "#".'),
    manifests: oneOrMore(item)
      .optional()
      .describe('Kubernetes manifests: files, folders, globs, addresses. They travel, and so do the images they name.'),
    archives: oneOrMore(archive)
      .optional()
      .describe('Images that a build left behind: docker-archive and OCI layout tars, OCI layout folders.'),
    files: oneOrMore(item).optional().describe('Plain files and folders, globs, addresses.'),
    referrers: z
      .boolean()
      .default(true)
      .describe('Whether signatures, SBOMs and attestations of the images travel with them.'),
  })
  .refine(
    ({ images, manifests, archives, files }) => [images, manifests, archives, files].some((each) => each !== undefined),
    'at least one of "images", "manifests", "archives" and "files" is needed',
  )

export type FilesOptions = z.output<typeof filesOptions>
export type Item = z.output<typeof item>
export type ArchiveItem = z.output<typeof archive>

function oneOrMore<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.array(schema).min(1)])
}

/** What an option that takes one thing or a list holds. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return isList(value) ? value : [value]
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
