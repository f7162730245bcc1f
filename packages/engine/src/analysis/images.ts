import {
  discoverChart,
  discoverManifests,
  parseCatalogue,
  parseManifests,
  proofMarkdown,
  relocateChart,
  relocateManifests,
} from '@ropeway/images'
import { loadChart } from '@ropeway/helm'
import type { Analysis } from './analysis.js'
import { codeVersion } from './code-version.js'

/** The work of `images`, done here. */
export const imagesAnalysis: Analysis = {
  version: codeVersion,
  async discoverChart(files, { settings, catalogue }) {
    return discoverChart(await loadChart(files), settings, { catalogue: entriesOf(catalogue) })
  },
  async discoverManifests(files, { catalogue }) {
    const documents = files.flatMap(({ name, text }) => parseManifests(text, name))
    return discoverManifests(documents, { catalogue: entriesOf(catalogue) })
  },
  relocateChart,
  relocateManifests,
  proofMarkdown,
}

function entriesOf(catalogue: string | undefined) {
  return catalogue === undefined ? undefined : parseCatalogue(catalogue, 'the catalogue')
}
