import type { Discovery } from '@ropeway/images'
import type { Analysis } from './analysis.js'

const nothing: Discovery = { images: [], unresolved: [], filled: {}, warnings: [] }

/** The work of `images`, done here. */
export const imagesAnalysis: Analysis = {
  discoverChart: async () => nothing,
  discoverManifests: async () => nothing,
  relocateChart: async (files, { mode }) => ({ files, changed: false, overlay: '', proof: emptyProof(mode) }),
  relocateManifests: async (files) => ({ texts: files.map(({ text }) => text), proof: emptyProof('embed') }),
  proofMarkdown: () => '',
}

function emptyProof(mode: 'embed' | 'overlay') {
  return { chart: '', version: '', mode, proved: true, references: [], computed: [], differences: [], renders: [] }
}
