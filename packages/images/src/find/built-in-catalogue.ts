import { catalogueEntrySchema, type CatalogueEntry } from './catalogue.js'

type Row = readonly [
  apiVersion: string,
  kind: string | readonly string[],
  path: string | readonly string[],
  more?: object,
]

const joined = { shape: 'parts', parts: { repository: 'repository', image: 'image', tag: ['version', 'tag'] } }
const none = { shape: 'none' }

/** Where custom resources of well-known products hold references; pod specs in them are found by their structure. */
const rows: readonly Row[] = [
  // Prometheus operator: without `image` the operator puts the version to a base image
  [
    'monitoring.coreos.com/*',
    ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
    ['spec.image', 'spec.thanos.image'],
  ],
  [
    'monitoring.coreos.com/*',
    ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
    ['spec', 'spec.thanos'],
    { shape: 'parts', parts: { repository: 'baseImage', tag: ['tag', 'version'], digest: 'sha' } },
  ],
  ['monitoring.grafana.com/*', 'GrafanaAgent', ['spec.image', 'spec.configReloaderImage']],
  // Strimzi; what a build makes is pushed, not pulled
  ['kafka.strimzi.io/*', '*', 'spec.build.output', none],
  ['kafka.strimzi.io/*', '*', 'spec.**.image'],
  // Argo Workflows; parameters in double braces are no references
  [
    'argoproj.io/*',
    ['Workflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate', 'CronWorkflow', 'WorkflowEventBinding'],
    ['spec.**.container.image', 'spec.**.script.image', 'spec.**.sidecars[*].image'],
  ],
  // Tekton
  ['tekton.dev/*', '*', ['spec.**.steps[*].image', 'spec.**.sidecars[*].image', 'spec.**.stepTemplate.image']],
  // NVIDIA operators
  ['nvidia.com/*', ['ClusterPolicy', 'NVIDIADriver'], ['spec', 'spec.*', 'spec.*.*'], joined],
  ['mellanox.com/*', '*', ['spec.*', 'spec.*.*'], joined],
  // Rook, whose sets of images are config maps with short keys
  ['ceph.rook.io/*', 'CephCluster', 'spec.cephVersion.image'],
  ['v1', 'ConfigMap', 'data.*', { name: 'rook-*image-set*' }],
  // databases
  ['postgresql.cnpg.io/*', ['Cluster', 'Pooler'], ['spec.imageName', 'spec.**.image']],
  ['postgresql.cnpg.io/*', ['ImageCatalog', 'ClusterImageCatalog'], 'spec.images[*].image'],
  ['acid.zalan.do/*', 'postgresql', ['spec.dockerImage', 'spec.connectionPooler.dockerImage']],
  [
    'acid.zalan.do/*',
    'OperatorConfiguration',
    [
      'configuration.docker_image',
      'configuration.**.*_image',
      'configuration.**.*_docker_image',
      'configuration.sidecars[*].image',
    ],
  ],
  ['*percona.com/*', '*', 'spec.**.image'],
  ['postgres-operator.crunchydata.com/*', '*', ['spec.image', 'spec.**.image']],
  ['mongodb.com/*', '*', 'spec.**.image'],
  ['rabbitmq.com/*', 'RabbitmqCluster', 'spec.image'],
  ['databases.spotahome.com/*', 'RedisFailover', 'spec.**.image'],
  ['redis.redis.opstreelabs.in/*', '*', 'spec.**.image'],
  ['*.k8s.elastic.co/*', '*', 'spec.image'],
  ['elasticsearch.k8s.elastic.co/*', 'Elasticsearch', 'spec.image'],
  ['opensearch.opster.io/*', '*', 'spec.**.image'],
  ['k8s.mariadb.com/*', '*', 'spec.**.image'],
  ['minio.min.io/*', 'Tenant', 'spec.**.image'],
  // observability, mesh, security
  [
    'opentelemetry.io/*',
    ['OpenTelemetryCollector', 'OpAMPBridge', 'TargetAllocator'],
    ['spec.image', 'spec.targetAllocator.image'],
  ],
  ['opentelemetry.io/*', 'Instrumentation', 'spec.*.image'],
  ['jaegertracing.io/*', 'Jaeger', 'spec.**.image'],
  [
    'operator.victoriametrics.com/*',
    '*',
    ['spec.**.image'],
    { shape: 'parts', parts: { repository: 'repository', tag: 'tag' } },
  ],
  ['datadoghq.com/*', 'DatadogAgent', ['spec.**.image'], { shape: 'parts', parts: { repository: 'name', tag: 'tag' } }],
  ['operator.istio.io/*', 'IstioOperator', 'spec.components.**.image'],
  // packages and other artifacts that are pulled from registries
  ['pkg.crossplane.io/*', ['Provider', 'Configuration', 'Function'], 'spec.package'],
  // operators by OLM
  ['operators.coreos.com/*', 'CatalogSource', 'spec.image'],
  [
    'operators.coreos.com/*',
    'ClusterServiceVersion',
    ['spec.relatedImages[*].image', 'metadata.annotations.containerImage'],
  ],
  // machines, models, jobs
  ['kubevirt.io/*', '*', ['spec.**.volumes[*].containerDisk.image', 'spec.**.kernelBoot.container.image']],
  ['cdi.kubevirt.io/*', 'DataVolume', 'spec.source.registry.url', none],
  ['sparkoperator.k8s.io/*', '*', ['spec.image', 'spec.driver.image', 'spec.executor.image', 'spec.template.**.image']],
  ['flink.apache.org/*', 'FlinkDeployment', 'spec.image'],
  ['serving.kserve.io/*', '*', 'spec.**.image'],
  ['machinelearning.seldon.io/*', '*', 'spec.**.image'],
  ['longhorn.io/*', ['EngineImage', 'InstanceManager', 'BackingImageManager', 'ShareManager'], 'spec.image'],
  // what builds, watches or matches images does not pull them
  ['kpack.io/*', 'Image', 'spec.tag', none],
  ['image.toolkit.fluxcd.io/*', 'ImageRepository', 'spec.image', none],
  [
    'kyverno.io/*',
    ['ClusterPolicy', 'Policy'],
    ['spec.rules[*].verifyImages', 'spec.rules[*].validate', 'spec.rules[*].match', 'spec.rules[*].preconditions'],
    none,
  ],
  ['policy.sigstore.dev/*', '*', 'spec.images', none],
]

/** The catalogue that comes with Ropeway; what a user adds counts before it. */
export const builtInCatalogue: readonly CatalogueEntry[] = rows.map(([apiVersion, kind, path, more = {}]) =>
  catalogueEntrySchema.parse({ apiVersion, kind, path, ...more }),
)
