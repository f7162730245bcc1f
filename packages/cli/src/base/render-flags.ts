import * as Flags from '@oclif/core/flags'

const several = { multiple: true, multipleNonGreedy: true } as const

/** What a chart is given: values, in helm's order of precedence. */
export const valuesFlags = {
  values: Flags.string({
    ...several,
    char: 'f',
    description: 'values files, by path or address; - is standard input',
    helpValue: 'FILE[,...]',
    helpGroup: 'VALUES',
  }),
  'set-json': Flags.string({
    ...several,
    description: 'values as JSON',
    helpValue: 'PATH=JSON[,...]',
    helpGroup: 'VALUES',
  }),
  set: Flags.string({ ...several, description: 'single values', helpValue: 'PATH=VALUE[,...]', helpGroup: 'VALUES' }),
  'set-string': Flags.string({
    ...several,
    description: 'single values that are strings, whatever they look like',
    helpValue: 'PATH=TEXT[,...]',
    helpGroup: 'VALUES',
  }),
  'set-file': Flags.string({
    ...several,
    description: 'single values that are read from files',
    helpValue: 'PATH=FILE[,...]',
    helpGroup: 'VALUES',
  }),
  'set-literal': Flags.string({
    ...several,
    description: 'one string, taken as it is: commas and backslashes too',
    helpValue: 'PATH=TEXT',
    helpGroup: 'VALUES',
  }),
}

/** What a chart is rendered for. */
export const releaseFlags = {
  namespace: Flags.string({
    char: 'n',
    description: 'namespace of the release; the default is HELM_NAMESPACE, else default',
    helpValue: 'NAMESPACE',
    helpGroup: 'RELEASE',
  }),
  'name-template': Flags.string({
    description: 'template that names the release',
    helpValue: 'TEMPLATE',
    helpGroup: 'RELEASE',
  }),
  'is-upgrade': Flags.boolean({ description: 'render for an upgrade, not for an installation', helpGroup: 'RELEASE' }),
  'kube-version': Flags.string({
    description: 'version of Kubernetes that the chart sees',
    helpValue: 'VERSION',
    helpGroup: 'RELEASE',
  }),
  'api-versions': Flags.string({
    ...several,
    char: 'a',
    description: 'API versions that the chart sees besides those of Kubernetes',
    helpValue: 'VERSION[,...]',
    helpGroup: 'RELEASE',
  }),
  'no-hooks': Flags.boolean({ description: 'leave hooks out', helpGroup: 'RELEASE' }),
  'skip-schema-validation': Flags.boolean({
    description: 'do not check values against values.schema.json',
    helpGroup: 'RELEASE',
  }),
}

/** Where a chart is found, when it is no folder or archive on this machine. */
export const chartFlags = {
  repo: Flags.string({
    description: 'address of the chart repository that has CHART',
    helpValue: 'URL',
    helpGroup: 'CHART',
  }),
  version: Flags.string({
    description: 'version, or constraint on it; the default is the newest stable one',
    helpValue: 'VERSION',
    helpGroup: 'CHART',
  }),
  devel: Flags.boolean({ description: 'pre-releases count too when no version is given', helpGroup: 'CHART' }),
  'dependency-update': Flags.boolean({
    description: 'fetch dependencies that are missing in the chart',
    helpGroup: 'CHART',
  }),
  'pass-credentials': Flags.boolean({
    description: 'give credentials of the repository to other hosts that its index names',
    helpGroup: 'CHART',
  }),
}

/** Parsed flags of a command that has `valuesFlags`. */
export interface ValuesFlags {
  readonly values?: readonly string[] | undefined
  readonly set?: readonly string[] | undefined
  readonly 'set-json'?: readonly string[] | undefined
  readonly 'set-string'?: readonly string[] | undefined
  readonly 'set-file'?: readonly string[] | undefined
  readonly 'set-literal'?: readonly string[] | undefined
}

/** Parsed flags of a command that has `releaseFlags`. */
export interface ReleaseFlags {
  readonly namespace?: string | undefined
  readonly 'name-template'?: string | undefined
  readonly 'is-upgrade'?: boolean | undefined
  readonly 'kube-version'?: string | undefined
  readonly 'api-versions'?: readonly string[] | undefined
  readonly 'no-hooks'?: boolean | undefined
  readonly 'skip-schema-validation'?: boolean | undefined
}

/** Parsed flags of a command that has `chartFlags`. */
export interface ChartFlags {
  readonly repo?: string | undefined
  readonly version?: string | undefined
  readonly devel?: boolean | undefined
  readonly 'dependency-update'?: boolean | undefined
  readonly 'pass-credentials'?: boolean | undefined
}
