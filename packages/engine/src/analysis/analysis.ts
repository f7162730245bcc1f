import type { ChartFile } from '@ropeway/helm'
import type { Discovery, Proof, RelocateOptions, Relocation, RenderSettings } from '@ropeway/images'

/** One file of a manifests artifact. */
export interface ManifestText {
  /** Its path, as people and proofs call it. */
  readonly name: string
  readonly text: string
}

export interface DiscoverInput {
  readonly settings: RenderSettings
  /** Text of the user's catalogue of places in custom resources. */
  readonly catalogue?: string | undefined
}

/** Manifests whose references were moved, in the order in which they were given. */
export interface ManifestRelocation {
  readonly texts: readonly string[]
  readonly proof: Proof
}

/** Everything of `images` that renders and compares: pure work on text, without any I/O. */
export interface Analysis {
  /** Two analyses with the same version say the same of the same input. Absent or `undefined`: nothing that it says may be kept. */
  version?(): string | undefined
  /** Throws what rendering throws. */
  discoverChart(files: readonly ChartFile[], input: DiscoverInput): Promise<Discovery>
  discoverManifests(files: readonly ManifestText[], input: Pick<DiscoverInput, 'catalogue'>): Promise<Discovery>
  relocateChart(files: readonly ChartFile[], options: RelocateOptions): Promise<Relocation>
  relocateManifests(
    files: readonly ManifestText[],
    options: Pick<RelocateOptions, 'discovery' | 'destination' | 'excluded'>,
  ): Promise<ManifestRelocation>
  /** Gives back the memory and threads that it holds; it may be asked again. */
  rest?(): Promise<void>
  /** A proof for people. */
  proofMarkdown(proof: Proof): string
}
