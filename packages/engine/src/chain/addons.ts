import { stringify } from 'yaml'
import { sinkFor, type AdapterTable } from '../adapters/table.js'

/** A chain of addons without a file: where they stand, which are wanted, and where they go. Paths are the chain's. */
export interface AddonsChain {
  readonly name?: string | undefined
  /** A GitOps values file, or catalogs. */
  readonly values?: string | undefined
  readonly catalogs?: readonly string[] | undefined
  readonly only?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly latest?: boolean | undefined
  readonly overrides?: string | undefined
  readonly embedOverrides?: boolean | undefined
  readonly excludeDependencies?: boolean | undefined
  /** `HOST[/prefix]`: the prefix is for images and charts. */
  readonly to?: string | undefined
  /** For images alone. */
  readonly targetPrefix?: string | undefined
  readonly chartPrefix?: string | undefined
  readonly platforms?: readonly string[] | undefined
}

/** The chain as a value, as a file would hold it; the sink is the one for such hosts. */
export function addonsChain(chain: AddonsChain, adapters: AdapterTable): Record<string, unknown> {
  const { name = 'addons', to, platforms = [] } = chain
  return {
    name,
    ...(platforms.length === 0 ? {} : { platforms }),
    sources: [{ addons: sourceOptions(chain) }],
    ...(to === undefined
      ? {}
      : { transforms: [{ rewrite: rewriteOptions(to, chain) }], sinks: [{ [sinkFor(to, adapters)]: {} }] }),
  }
}

function sourceOptions(chain: AddonsChain): Record<string, unknown> {
  const { values, catalogs, only = [], exclude = [], overrides } = chain
  const texts = (list: readonly string[] | undefined) => list?.map(plainText)
  return {
    ...(values === undefined ? {} : { values: plainText(values) }),
    ...(catalogs === undefined ? {} : { catalogs: texts(catalogs) }),
    ...(only.length === 0 ? {} : { only: texts(only) }),
    ...(exclude.length === 0 ? {} : { exclude: texts(exclude) }),
    ...(overrides === undefined ? {} : { overrides: plainText(overrides) }),
    ...switches(chain),
  }
}

function switches({ latest, embedOverrides, excludeDependencies }: AddonsChain): Record<string, true> {
  return {
    ...(latest === true ? { latest } : {}),
    ...(embedOverrides === true ? { embedOverrides } : {}),
    ...(excludeDependencies === true ? { excludeDependencies } : {}),
  }
}

/** A prefix for images leaves charts where they are. */
function rewriteOptions(to: string, { targetPrefix, chartPrefix }: AddonsChain): Record<string, string> {
  return {
    registry: plainText(to),
    ...(targetPrefix === undefined ? {} : { prefix: plainText(targetPrefix), chartPrefix: '' }),
    ...(chartPrefix === undefined ? {} : { chartPrefix: plainText(chartPrefix) }),
  }
}

/** What is given on a command line is no text with variables. */
function plainText(text: string): string {
  return text.replaceAll('{', '\\{')
}

/** The chain as a commented file to start from. */
export function initialAddonsChain(chain: AddonsChain, adapters: AdapterTable): string {
  const value = addonsChain(chain, adapters)
  const part = (key: string) => stringify({ [key]: value[key] }, { lineWidth: 0 })
  const head = `# The addons of a platform: their charts, and every image behind these.
# Reference: docs/chain.md. Guide: docs/addons-to-ecr.md.
${part('name')}version: 0.1.0
`
  const platforms =
    value['platforms'] === undefined
      ? '# Keep only these platforms; left out, images travel as published.\n# platforms: [linux/amd64]\n'
      : `# Only these platforms are kept.\n${part('platforms')}`
  const sources = `# \`ropeway lock\` pins what these files mean now, \`ropeway run --locked\` delivers exactly that.\n${part('sources')}`
  const destination =
    chain.to === undefined
      ? `# Where everything goes, and what it is called there.
# transforms:
#   - rewrite: { registry: "registry.example:5000" }
# sinks:
#   - registry: {}
`
      : `# Names at the destination; charts refer to these.\n${part('transforms')}\n${part('sinks')}`
  return [head, platforms, sources, destination].join('\n')
}
