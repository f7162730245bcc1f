import { isRegistryHost, isRepository, looksLikeHost } from '@ropeway/oci'
import { z } from 'zod'
import { relocationOptions } from './relocation.js'

const prefix = z.string().refine((text) => text === '' || isRepository(text), {
  message: 'a prefix is one or more repository components, such as "mirror" or "team/mirror"',
})

/** Splits `HOST[:PORT][/PREFIX]`; `undefined` when it is something else. */
export function splitRegistry(text: string): { readonly host: string; readonly path: string } | undefined {
  const [host = '', ...components] = text.replace(/\/+$/, '').split('/')
  const path = components.join('/')
  const valid = looksLikeHost(host) && isRegistryHost(host) && (path === '' || isRepository(path))
  return valid ? { host, path } : undefined
}

export const rewriteOptions = z.strictObject({
  registry: z
    .string()
    .refine((text) => splitRegistry(text) !== undefined, {
      message:
        'a registry is HOST[:PORT][/PREFIX], such as harbor.corp:5000/mirror; a host without a dot needs its port, as in harbor:443',
    })
    .describe('Registry that everything goes to, `HOST[:PORT][/PREFIX]`. Left out: registries stay as they are.')
    .optional(),
  prefix: prefix
    .describe('Path that is put before every repository; one that is there already is not doubled.')
    .optional(),
  chartPrefix: prefix.describe('Path that is put before charts in place of `prefix`, which is the default.').optional(),
  keepRegistry: z
    .boolean()
    .describe('Keeps the name of the source’s registry as part of the path, after the prefix.')
    .default(false),
  map: z
    .record(z.string().min(1), z.string().min(1))
    .describe(
      'Names for single artifacts: a source reference (with or without tag and digest), a name or an id → `repository[:tag]` below registry and prefix, or a complete reference.',
    )
    .default({}),
  ...relocationOptions,
})

export type RewriteOptions = z.output<typeof rewriteOptions>
