/**
 * Images that the defaults of these charts do not render. Drafted with discovery, then compared with the `image:` lines of the templates, with the
 * conditions around them where these were not plain; so it holds discovery to the switches that it finds today; that no image is missing is what the census beside it says. Where several
 * switches do it alike, the one that is tried first stands.
 */
export interface OptionalTruth {
  /** Archive in `charts/` of the corpus, without `.tgz`. */
  readonly chart: string
  readonly optional: readonly {
    readonly reference: string
    readonly switch: Readonly<Record<string, boolean | string>>
    /** Where it was read. */
    readonly source: string
  }[]
}

export const optionalTruth: readonly OptionalTruth[] = [
  {
    chart: 'argo-rollouts-2.41.0',
    optional: [
      {
        reference: 'quay.io/argoproj/kubectl-argo-rollouts:v1.9.0',
        switch: { 'dashboard.enabled': true },
        source: 'templates/dashboard/deployment.yaml:1, image in line 49',
      },
    ],
  },
  {
    chart: 'aws-ebs-csi-driver-2.64.0',
    optional: [
      {
        reference: 'public.ecr.aws/csi-components/csi-snapshotter:v8.6.0-eksbuild.5',
        switch: { 'sidecars.snapshotter.forceEnable': true },
        source: 'templates/controller.yaml:369; the API snapshot.storage.k8s.io/v1 does it as well',
      },
      {
        reference: 'public.ecr.aws/ebs-csi-driver/volume-modifier-for-k8s:v0.9.5-eksbuild.5',
        switch: { 'controller.volumeModificationFeature.enabled': true },
        source: 'templates/controller.yaml:430',
      },
    ],
  },
  {
    chart: 'aws-efs-csi-driver-4.4.1',
    optional: [],
  },
  {
    chart: 'aws-vpc-cni-1.22.4',
    optional: [],
  },
  {
    chart: 'coredns-1.46.2',
    optional: [
      {
        reference: 'registry.k8s.io/cpa/cluster-proportional-autoscaler:v1.9.0',
        switch: { 'autoscaler.enabled': true },
        source: 'templates/deployment-autoscaler.yaml:1',
      },
    ],
  },
  {
    chart: 'descheduler-0.36.0',
    optional: [],
  },
  {
    chart: 'dex-0.24.0',
    optional: [],
  },
  {
    chart: 'druid-0.2.18',
    optional: [
      {
        reference: 'bats/bats:1.2.1',
        switch: { 'mysql.enabled': true },
        source: 'requirements; charts/mysql/templates/tests/test.yaml:1, its testFramework is on',
      },
      {
        reference: 'busybox:1.32',
        switch: { 'mysql.enabled': true },
        source: 'charts/mysql/templates/deployment.yaml:54',
      },
      {
        reference: 'mysql:5.7.30',
        switch: { 'mysql.enabled': true },
        source: 'charts/mysql/templates/deployment.yaml:82',
      },
      {
        reference: 'prom/mysqld-exporter:v0.10.0',
        switch: { 'mysql.enabled': true, 'mysql.metrics.enabled': true },
        source: 'charts/mysql/templates/deployment.yaml:194',
      },
      {
        reference: 'docker.io/bitnami/minideb:buster',
        switch: { 'postgresql.volumePermissions.enabled': true },
        source: 'charts/postgresql/templates/statefulset.yaml:75',
      },
      {
        reference: 'docker.io/bitnami/postgres-exporter:0.8.0-debian-10-r28',
        switch: { 'postgresql.metrics.enabled': true },
        source: 'charts/postgresql/templates/statefulset.yaml:328',
      },
      {
        reference: 'josdotso/zookeeper-exporter:v1.1.2',
        switch: { 'zookeeper.exporters.zookeeper.enabled': true },
        source: 'charts/zookeeper/templates/statefulset.yaml:150',
      },
      {
        reference: 'sscaling/jmx-prometheus-exporter:0.3.0',
        switch: { 'zookeeper.exporters.jmx.enabled': true },
        source: 'charts/zookeeper/templates/statefulset.yaml:120',
      },
    ],
  },
  {
    chart: 'external-secrets-2.9.0',
    optional: [],
  },
  {
    chart: 'fluent-bit-0.58.1',
    optional: [
      {
        reference: 'ghcr.io/jimmidyson/configmap-reload:v0.15.0',
        switch: { 'hotReload.enabled': true },
        source: 'templates/_pod.tpl:113',
      },
    ],
  },
  {
    chart: 'hazelcast-3.3.2',
    optional: [],
  },
  {
    chart: 'influxdb2-2.1.2',
    optional: [],
  },
  {
    chart: 'ingress-nginx-4.15.1',
    optional: [
      {
        reference: 'registry.k8s.io/defaultbackend-amd64:1.5',
        switch: { 'defaultBackend.enabled': true },
        source: 'templates/default-backend-deployment.yaml:1',
      },
      {
        reference:
          'registry.k8s.io/ingress-nginx/controller-chroot:v1.15.1@sha256:af31d00c9d82c612896b380a9003bd36843b7647b98e4588251c66325317bc72',
        switch: { 'global.image.chroot': true },
        source: 'templates/_helpers.tpl, ingress-nginx.image; controller.image.chroot does it as well',
      },
    ],
  },
  {
    chart: 'joomla-7.1.11',
    optional: [
      {
        reference: 'docker.io/bitnami/apache-exporter:0.7.0-debian-10-r30',
        switch: { 'metrics.enabled': true },
        source: 'templates/deployment.yaml:138',
      },
      {
        reference: 'docker.io/bitnami/mysqld-exporter:0.12.1-debian-10-r27',
        switch: { 'mariadb.metrics.enabled': true },
        source: 'charts/mariadb/templates/master-statefulset.yaml:220',
      },
      {
        reference: 'docker.io/bitnami/minideb:buster',
        switch: { 'mariadb.volumePermissions.enabled': true },
        source: 'charts/mariadb/templates/master-statefulset.yaml:87, master.persistence is on',
      },
    ],
  },
  {
    chart: 'kafka-0.21.5',
    optional: [
      {
        reference: 'danielqsj/kafka-exporter:v1.2.0',
        switch: { 'prometheus.kafka.enabled': true },
        source: 'templates/deployment-kafka-exporter.yaml:1',
      },
      {
        reference:
          'solsson/kafka-prometheus-jmx-exporter@sha256:a23062396cd5af1acdf76512632c20ea6be76885dfc20cd9ff40fb23846557e8',
        switch: { 'prometheus.jmx.enabled': true },
        source: 'templates/statefulset.yaml:58',
      },
      {
        reference: 'josdotso/zookeeper-exporter:v1.1.2',
        switch: { 'zookeeper.exporters.zookeeper.enabled': true },
        source: 'charts/zookeeper/templates/statefulset.yaml:150',
      },
      {
        reference: 'sscaling/jmx-prometheus-exporter:0.3.0',
        switch: { 'zookeeper.exporters.jmx.enabled': true },
        source: 'charts/zookeeper/templates/statefulset.yaml:120',
      },
    ],
  },
  {
    chart: 'karpenter-1.14.1',
    optional: [],
  },
  {
    chart: 'keda-2.20.2',
    optional: [],
  },
  {
    chart: 'mariadb-23.0.1',
    optional: [
      {
        reference: 'docker.io/bitnami/mysqld-exporter:0.17.2-debian-12-r16',
        switch: { 'metrics.enabled': true },
        source: 'templates/primary/statefulset.yaml:340',
      },
      {
        reference: 'docker.io/bitnami/os-shell:12-debian-12-r50',
        switch: { 'volumePermissions.enabled': true },
        source: 'templates/primary/statefulset.yaml:119',
      },
    ],
  },
  {
    chart: 'metricbeat-8.5.1',
    optional: [
      {
        reference: 'quay.io/brancz/kube-rbac-proxy:v0.22.1',
        switch: { 'kube-state-metrics.kubeRBACProxy.enabled': true },
        source: 'charts/kube-state-metrics/templates/deployment.yaml:276',
      },
    ],
  },
  {
    chart: 'metrics-server-3.13.1',
    optional: [
      {
        reference: 'registry.k8s.io/autoscaling/addon-resizer:1.8.23',
        switch: { 'addonResizer.enabled': true },
        source: 'templates/deployment.yaml:119',
      },
    ],
  },
  {
    chart: 'vault-0.34.1',
    optional: [
      {
        reference: 'hashicorp/vault-csi-provider:1.7.4',
        switch: { 'csi.enabled': true },
        source: 'templates/csi-daemonset.yaml:55, by vault.csiEnabled of templates/_helpers.tpl',
      },
    ],
  },
  {
    chart: 'vertical-pod-autoscaler-0.11.0',
    optional: [],
  },
]
