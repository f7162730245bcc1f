import { makeChart, testSource } from '@ropeway/testkit'
import { describe, it } from 'vitest'
import * as exports from './index.js'
import { createAddonsWorld, seedChart } from './world.fixture.js'

const token = 'hunter2'

for (const embed of [false, true]) {
  describe(embed ? 'with overrides embedded' : 'as published', () => {
    testSource(
      {
        adapter: exports.addonsSource,
        package: { json: new URL('../package.json', import.meta.url), exports },
        async arrange() {
          const world = await createAddonsWorld()
          const web = [
            makeChart({ name: 'web', version: '1.2.3' }),
            makeChart({ name: 'db', version: '2.0.0-rc.1+b.7' }),
          ]
          world.repositories.set('charts.example', web)
          seedChart(world.registry, 'org/podinfo', 1, '6.7.1+build')
          seedChart(world.registry, 'org/plain', 2, '1.0.0')
          await world.write(
            'addons.yaml',
            `
addons:
  web: {chart: web, repoURL: "https://charts.example/stable?token=${token}"}
  web_too: {chart: web, repoURL: "https://charts.example/stable?token=${token}", version: 1.x}
  db: {chart: team/db, repoURL: "https://charts.example/stable", version: 2.0.0-rc.1+b.7}
  podinfo: {chart: org/podinfo, repoURL: ghcr.example, version: ^6}
  plain: {chart: org/plain, repoURL: ghcr.example}
`,
          )
          await world.write(
            'broken.yaml',
            `
addons:
  web: {chart: wbe, repoURL: "https://charts.example/stable?token=${token}"}
  db: {chart: team/db, repoURL: "https://charts.example/stable?token=${token}", version: ^9}
  podinfo: {chart: org/podinfo, repoURL: ghcr.example, version: 7.0.0}
  none: {chart: none, repoURL: "https://nowhere.example"}
  good: {chart: web, repoURL: "https://charts.example/stable"}
`,
          )
          await world.write('chart-overrides.yaml', 'overrides: {web: {replicas: 2}, podinfo: {replicas: 3}}\n')
          const state = new Map()
          const cache = new Map()
          return {
            options: { values: 'addons.yaml', embedOverrides: embed },
            broken: { values: 'broken.yaml' },
            secrets: [token],
            context: (signal?: AbortSignal) => world.context({ signal, state, cache }),
            drift: () => web.push(makeChart({ name: 'web', version: '1.3.0' })),
            dispose: () => world.dispose(),
          }
        },
      },
      { describe, it },
    )
  })
}
