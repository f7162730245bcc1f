import { parseReference } from '@ropeway/oci'

/** What a text says about itself when it can be read as a reference. */
export interface Recognised {
  /** As it stands, without a scheme (`oci://`, `docker://`). */
  readonly reference: string
  /** Offset at which the reference starts in the text. */
  readonly start: number
  /** A registry's host stands in front: a name with a dot, a port, or `localhost`. */
  readonly hosted: boolean
  /** The host is one that serves little else than images. */
  readonly known: boolean
  /** It has a tag or a digest. */
  readonly pinned: boolean
  /** The tag looks like a version, or it has a digest. */
  readonly version: boolean
  /** It has a namespace or a host: more than one component. */
  readonly deep: boolean
}

const shape =
  /^(?:(?<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?)\/)?(?<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha(?:256|512):[a-f0-9]{64,128}))?$/

const knownHosts =
  /^(?:(?:[a-z0-9-]+\.)*docker\.io|quay\.io|ghcr\.io|(?:[a-z0-9-]+\.)*gcr\.io|registry\.k8s\.io|[a-z0-9-]+\.k8s\.io|mcr\.microsoft\.com|(?:[a-z0-9-]+\.)*azurecr\.io|public\.ecr\.aws|\d+\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|[a-z0-9-]+-docker\.pkg\.dev|nvcr\.io|docker\.elastic\.co|registry\.(?:[a-z0-9-]+\.)+[a-z]{2,}|(?:[a-z0-9-]+\.)*icr\.io|cgr\.dev|gcr\.k8s\.io|xpkg\.upbound\.io|images\.(?:[a-z0-9-]+\.)+[a-z]{2,})$/

/** Hosts that stand in names of labels, import paths and addresses of code, seldom in front of an image. */
const otherHosts =
  /(?:^|\.)(?:kubernetes\.io|k8s\.io|github\.com|gitlab\.com|bitbucket\.org|golang\.org|gopkg\.in|w3\.org|googleapis\.com|schema\.org|json-schema\.org|svc|local|localhost|amazonaws\.com)$/

const scheme = /^(?:oci|docker):\/\//
const words =
  /^(?:latest|stable|edge|main|master|nightly|release|alpine|slim|debug|distroless|ubuntu|debian|nonroot)(?:$|[.-])/
const files =
  /\.(?:png|jpe?g|gif|svg|ico|html?|json|ya?ml|toml|xml|css|js|ts|sh|py|rb|go|md|txt|conf|cfg|ini|pem|crt|key|sock|so|jar|war|tgz|gz|zip|exe|log|sql|tpl|tmpl|lua|rego|proto|properties)$/
const address = /^\d{1,3}(?:\.\d{1,3}){3}$/

/** Reads a text as a reference and says what speaks for it; `undefined` when it is none. */
export function recognise(text: string): Recognised | undefined {
  const start = scheme.exec(text)?.[0].length ?? 0
  const reference = text.slice(start)
  const { host, path = '', tag, digest } = shape.exec(reference)?.groups ?? {}
  if (path === '' || !readable(reference)) return undefined
  const hosted = host !== undefined && /[.:]|^localhost$/.test(host)
  const pinned = tag !== undefined || digest !== undefined
  if (!pinned && files.test(path)) return undefined
  if (host === undefined && !path.includes('/') && digest === undefined && isEndpoint(path, tag)) return undefined
  const name = host?.replace(/:\d+$/, '') ?? ''
  return {
    ...{ reference, start, hosted, pinned },
    known: hosted && (knownHosts.test(name) || start > 0),
    version: digest !== undefined || (tag !== undefined && (/\d/.test(tag) || words.test(tag))),
    deep: host !== undefined || path.includes('/'),
  }
}

/** Whether a reference stands for an image even when nothing around it says so. */
export function speaksForItself({ reference, hosted, known, version, deep }: Recognised): boolean {
  if (/^library\/[a-z0-9-]+(?::[\w.-]+)?$/.test(reference)) return true
  if (!hosted || !deep) return false
  const [host = '', ...path] = reference.split('/')
  if (known) return version || path.length > 1
  const name = host.replace(/:\d+$/, '')
  if (otherHosts.test(name)) return false
  return version && (/\.[a-z]{2,}$/.test(name) || /:\d+$/.test(host)) && !isEndpointPath(reference)
}

/** `host:8080`, `12:30`, `1000:1000`, `10.0.0.1:53`, `db.svc:5432`. */
function isEndpoint(path: string, tag: string | undefined): boolean {
  if (address.test(path) || /^\d+$/.test(path)) return true
  if (tag === undefined) return path.includes('.')
  return /^\d{3,5}$/.test(tag) || (/\.[a-z]{2,}$/.test(path) && /^\d+$/.test(tag))
}

/** A path of an address, `host/api:1`, has no more than digits behind its colon. */
function isEndpointPath(reference: string): boolean {
  return /:\d{1,2}$/.test(reference) && !/:\d+\//.test(reference)
}

function readable(text: string): boolean {
  try {
    parseReference(text)
    return true
  } catch {
    return false
  }
}
