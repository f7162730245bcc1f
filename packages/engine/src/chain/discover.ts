import { isRopewayError } from '@ropeway/core'
import { isRegistryHost, isRepository, looksLikeHost, parseReference } from '@ropeway/oci'
import { z } from 'zod'

const reference = z.string().refine(isReference, {
  message: 'an image is registry/repository[:tag][@digest], such as quay.io/app/web:1.2.3',
})

function isReference(text: string): boolean {
  try {
    parseReference(text)
    return true
  } catch (thrown) {
    if (isRopewayError(thrown)) return false
    throw thrown
  }
}

/** What of a chain says how images behind charts and manifests are found, and which of them travel. */
export const discoverOptions = z.strictObject({
  classes: z
    .array(z.enum(['used', 'optional', 'suspected']))
    .default(['used'])
    .describe('Classes of images that travel: `used`, `optional` (they appear when a switch is flipped), `suspected`'),
  images: z.array(reference).default([]).describe('Images that travel besides those that are found'),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe('Images that are left out on purpose: references with or without a tag, or globs (`*`, `?`) over them'),
  failOn: z
    .array(z.enum(['suspected', 'unresolved']))
    .default([])
    .describe(
      'What ends the run with exit code 4: suspected images that nobody decided on, image fields that hold no reference',
    ),
  confirm: z
    .boolean()
    .default(true)
    .describe('Whether suspected images that their registry has travel too, with a warning'),
  catalogue: z
    .string()
    .min(1)
    .optional()
    .describe('File that says where custom resources hold images, relative to the chain'),
  kubeVersion: z
    .string()
    .min(1)
    .optional()
    .describe('Version of Kubernetes that charts are rendered for; a chart’s own counts more'),
  apiVersions: z
    .array(z.string().min(1))
    .default([])
    .describe('API versions that the cluster knows besides its own, for all charts'),
  referrers: z.boolean().default(true).describe('Whether signatures, SBOMs and attestations of found images travel'),
})
export type DiscoverOptions = z.output<typeof discoverOptions>

/** `HOST[:PORT][/PREFIX]` that stands in for a registry. */
export const mirrorAddress = z.string().refine(
  (text) => {
    const { registry, prefix } = splitMirror(text)
    return looksLikeHost(registry) && isRegistryHost(registry) && (prefix === '' || isRepository(prefix))
  },
  { message: 'a mirror is HOST[:PORT][/PREFIX], such as harbor.corp:5000/quay-proxy' },
)

export function splitMirror(address: string): { readonly registry: string; readonly prefix: string } {
  const [registry = '', ...rest] = address.replace(/\/+$/, '').split('/')
  return { registry, prefix: rest.join('/') }
}
