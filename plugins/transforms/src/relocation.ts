import { relocationModes, type Artifact, type RelocationMode } from '@ropeway/core'
import { z } from 'zod'

/** How charts and manifests follow the names of their images: options of name transforms. */
export const relocationOptions = {
  charts: z
    .enum(relocationModes)
    .describe(
      'How references in charts follow: `embed` changes the chart’s own defaults, `overlay` leaves it and writes values beside it, `as-is` does nothing.',
    )
    .optional(),
  manifests: z
    .enum(['embed', 'as-is'])
    .describe('Whether references in manifests follow; left out: unless charts are left as they are.')
    .optional(),
}

export interface RelocationOptions {
  readonly charts?: RelocationMode | undefined
  readonly manifests?: 'embed' | 'as-is' | undefined
}

/** The artifact with what the options say of its kind; what they do not say stays as an earlier transform had it. */
export function following(artifact: Artifact, { charts, manifests }: RelocationOptions): Artifact {
  const beside = manifests ?? (charts === undefined ? undefined : charts === 'as-is' ? 'as-is' : 'embed')
  const mode = artifact.kind === 'chart' ? charts : artifact.kind === 'manifests' ? beside : undefined
  return mode === undefined ? artifact : { ...artifact, relocation: mode }
}
