import {
  GoSlice,
  type GoObject,
  makePointer,
  makeStruct,
  method,
  namedType,
  stringsType,
  structType,
  types,
  type GoField,
  type GoFunction,
} from '@ropeway/gotemplate'
import { HelmError } from '../helm-error.js'
import { tryVersion } from '../version/version.js'

export interface CapabilitiesOptions {
  /** `--kube-version`. Default: v1.35.0, as Helm 4.1 has it. */
  readonly kubeVersion?: string | undefined
  /** Further ones, `--api-versions`. */
  readonly apiVersions?: readonly string[] | undefined
}

/** What Helm 4.1.4 knows without a cluster. */
const builtIn =
  'v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1 internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1 authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 authorization.k8s.io/v1 authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 autoscaling/v2beta1 autoscaling/v2beta2 batch/v1 batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1 discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3 networking.k8s.io/v1 networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 resource.k8s.io/v1 resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 scheduling.k8s.io/v1alpha1 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1 storagemigration.k8s.io/v1beta1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1'

const text = { result: 'string' } as const

function fields(names: string): GoField[] {
  return names.split(' ').map((name) => ({ name, type: types.string }))
}

function shown(value: GoObject, name: string): string {
  const field = value.fields.get(name)
  return typeof field === 'string' ? field : ''
}

const versionSetType = namedType('common.VersionSet', stringsType, {
  methods: new Map<string, GoFunction>([
    ['Has', method('string', (set: GoSlice, name) => set.items.includes(name), { result: 'bool' })],
  ]),
})

const kubeVersionType = structType('common.KubeVersion', fields('Version normalizedVersion Major Minor'), {
  methods: new Map<string, GoFunction>([
    ['String', method('', (value: GoObject) => shown(value, 'normalizedVersion'), text)],
    ['GitVersion', method('', (value: GoObject) => shown(value, 'normalizedVersion'), text)],
  ]),
  string: (value) => shown(value, 'normalizedVersion'),
  stringOnPointer: true,
})

const helmVersionType = structType(
  'version.BuildInfo',
  fields('Version GitCommit GitTreeState GoVersion KubeClientVersion'),
)

const capabilitiesType = structType('common.Capabilities', [
  { name: 'KubeVersion', type: kubeVersionType },
  { name: 'APIVersions', type: versionSetType },
  { name: 'HelmVersion', type: helmVersionType },
])

export interface Capabilities {
  readonly value: GoObject
  /** The normalised version of Kubernetes, for the chart's `kubeVersion`. */
  readonly kubeVersion: string
}

/** `.Capabilities` of a rendering without a cluster. Throws `HelmError` for a version that is none. */
export function makeCapabilities({
  kubeVersion = 'v1.35.0',
  apiVersions = [],
}: CapabilitiesOptions = {}): Capabilities {
  const version = tryVersion(kubeVersion)
  if (version === undefined) {
    throw new HelmError(`invalid kube version '${kubeVersion}': could not parse "${kubeVersion}" as version`)
  }
  const numbers = kubeVersion.replace(/^v/, '').split(/[-+]/)[0]?.split('.') ?? []
  const [major, minor] = [String(version.major), String(version.minor)]
  const full = `v${kubeVersion.replace(/^v/, '')}`
  const normalised = `v${numbers.length < 3 ? numbers.join('.') : `${major}.${minor}.${String(version.patch)}`}`
  const kube = makeStruct(kubeVersionType, { Version: full, normalizedVersion: normalised, Major: major, Minor: minor })
  const known = new GoSlice(versionSetType, [...builtIn.split(' '), ...apiVersions])
  const helm = makeStruct(helmVersionType, {
    Version: 'v4.1.4',
    GitCommit: '',
    GitTreeState: 'clean',
    GoVersion: 'go1.25.9',
    KubeClientVersion: 'v1.35',
  })
  return {
    value: makePointer(capabilitiesType, { KubeVersion: kube, APIVersions: known, HelmVersion: helm }),
    kubeVersion: normalised,
  }
}
