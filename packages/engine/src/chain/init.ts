import { stringify } from 'yaml'

/** What `ropeway init` asks. */
export interface InitialAnswers {
  readonly name: string
  /** References of images or other OCI artifacts. */
  readonly references?: readonly string[] | undefined
  /** `HOST[/prefix]` to mirror to; absent: only a bundle is written. */
  readonly registry?: string | undefined
}

/** A commented chain file to start from. */
export function initialChain({ name, references = [], registry }: InitialAnswers): string {
  const listed = references.length > 0 ? references : ['docker.io/library/alpine:3.22']
  const quoted = (text: string) => JSON.stringify(text)
  return `# What ${name} needs, where it comes from, and where it goes.
# Reference: docs/chain.md. Checked while you type with the schema that \`ropeway schema\` prints.
name: ${stringify(name).trim()}
version: 0.1.0

# Keep only these platforms; left out, images travel as published.
# platforms: [linux/amd64]

sources:
  # Images and any other OCI artifact, by tag or digest.
  - oci:
      references:
${listed.map((reference) => `        - ${quoted(reference)}`).join('\n')}

  # Helm charts from a repository (https://…), a registry (oci://…), a folder or an archive.
  # - helm: { repository: "https://charts.example", chart: podinfo, version: "^6" }

  # Image lists, Kubernetes manifests (their images travel too), and plain files.
  # - files: { images: [images.txt], manifests: ["k8s/*.yaml"], files: [install.sh] }

${
  registry === undefined
    ? `# Names at the destination. Without it artifacts keep their own; \`ropeway import --registry\` can rename on the far side.
# transforms:
#   - rewrite: { registry: "registry.example:5000", prefix: mirror }
`
    : `# Names at the destination.
transforms:
  - rewrite: { registry: ${quoted(registry)} }
`
}
sinks:
  - tarball: { path: "{name}-{version}.tar" }
${registry === undefined ? '  # - registry: {}\n' : '  - registry: {}\n'}`
}
