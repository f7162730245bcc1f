import { badResponse } from '../errors.js'
import { discard } from '../http/exchange.js'
import { call, sceneOf, type RegistryCore } from './core.js'
import { cancelUpload, startUpload, type Upload } from './sessions.js'

/** Names an upload that is never finished. */
const nothing = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * `Registry.check`: that it is a registry, and for `pull` that the repository may be looked into (an absent one is no
 * error), for `push` that an upload may be opened, which is cancelled at once.
 */
export async function checkAccess(
  core: RegistryCore,
  repository: string,
  actions: 'pull' | 'push',
  signal?: AbortSignal,
): Promise<void> {
  const about = `${core.host}/${repository}`
  const operation = 'checking'
  const scene = sceneOf(core, { about, operation })
  const ping = await core.authorizer.ping(scene, signal)
  if (ping.status !== 200 && ping.status !== 401 && ping.status !== 403) {
    throw badResponse(scene, ping, 'did not answer as a registry does')
  }
  if (actions === 'push') {
    const upload: Upload = { repository, digest: nothing, size: 0, scene: { about, operation }, signal }
    const session = await startUpload(core, upload)
    await cancelUpload(core, upload, session)
    return
  }
  const response = await call(core, {
    method: 'HEAD',
    target: `/v2/${repository}/manifests/latest`,
    repository,
    need: 'pull',
    about,
    operation,
    signal,
    accept: [200, 400, 404, 405],
  })
  await discard(response)
}
