import type { ChildProcess } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { faultProxy, fakeRegistry, makeImage, type FakeRegistry, type FaultProxy } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDesk, type Desk } from './harness/desk.ts'
import { appears } from './harness/disk.ts'

const MB = 1_000_000
let desk: Desk
let near: FakeRegistry
let far: FakeRegistry
let slowSource: FaultProxy
let slowSink: FaultProxy

beforeAll(async () => {
  desk = await openDesk('interrupt')
  near = await fakeRegistry()
  far = await fakeRegistry()
  const layers = ['a', 'b', 'c'].map((seed) => ({ size: MB, seed, compression: 'none' as const }))
  await near.push('app/web', await makeImage({ layers }), ['1'])
  const fault = { type: 'slow' as const, bytesPerSecond: 100_000 }
  // One layer is slow, once: whoever comes back is served at once.
  slowSource = await faultProxy(near.url, { rules: [{ path: /\/blobs\/sha256/, method: 'GET', nth: 4, fault }] })
  slowSink = await faultProxy(far.url, {
    rules: [{ path: /\/blobs\/uploads/, method: 'PUT', nth: 2, fault: { type: 'hang' } }],
  })
})
afterAll(async () => {
  await Promise.all([near, far, slowSource, slowSink].map((server) => server.close()))
  await desk.remove()
})

/** Sends a signal as soon as something has happened. */
const signalAfter = (signal: NodeJS.Signals, happened: Promise<unknown>) => (child: ChildProcess) => {
  void happened.then(() => child.kill(signal))
}

const requested = async (proxy: FaultProxy, type: 'slow' | 'hang') => {
  while (proxy.count(type) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('Ctrl-C', () => {
  it('stops an export cleanly and says how to go on; the same command goes on', async () => {
    const args = ['export', '--source', `oci=${slowSource.host}/app/web:1`, '-o', 'web.tar']
    const started = Promise.all([appears(join(desk.folder, 'web.tar.partial')), requested(slowSource, 'slow')])
    const stopped = await desk.run(args, { onStart: signalAfter('SIGINT', started) })
    expect(stopped.code).toBe(130)
    expect(stopped.stdout).toBe('')
    const lines = stopped.stderr.trimEnd().split('\n')
    expect(lines.slice(-3).join('\n')).toContain(`ropeway ${args.join(' ')}`)
    expect(stopped.stderr).toMatch(/what was carried is kept; the same command goes on from there/)
    expect(stopped.stderr).not.toMatch(/ABORTED|AbortError|DOMException|^\s+at /m)
    expect((await readdir(desk.folder)).sort()).toEqual(['.home', 'web.tar.partial', 'web.tar.partial.journal'])

    near.forget()
    await desk.runOk(args)
    await desk.runOk(['verify', 'web.tar'])
    expect((await readdir(desk.folder)).sort()).toEqual(['.home', 'web.tar'])
    const again = near.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))
    expect(again.length).toBeLessThan(4)
    await desk.runOk(['export', '--source', `oci=${near.host}/app/web:1`, '-o', 'straight.tar'])
  })

  it('is told by --json as an error too', async () => {
    const hanging = await faultProxy(near.url, {
      rules: [{ path: /\/manifests\//, fault: { type: 'hang' }, times: 99 }],
    })
    const stopped = await desk.run(['plan', '--source', `oci=${hanging.host}/app/web:1`, '--json'], {
      onStart: signalAfter('SIGINT', requested(hanging, 'hang')),
    })
    expect(stopped.code).toBe(130)
    expect(stopped.json()).toMatchObject({ error: { code: 'INTERRUPTED', exitCode: 130 } })
    await hanging.close()
  })

  it('stops an import before its tag, and the same command goes on', async () => {
    await desk.runOk(['export', '--source', `oci=${near.host}/app/web:1`, '-o', 'good.tar'])
    const args = ['import', 'good.tar', '--registry', `${slowSink.host}/mirror`]
    const stopped = await desk.run(args, { onStart: signalAfter('SIGTERM', requested(slowSink, 'hang')) })
    expect(stopped.code).toBe(143)
    expect(stopped.stderr).toContain(`ropeway ${args.join(' ')}`)
    expect((await far.storage.tags.tags('mirror/app/web')) ?? []).toEqual([])
    await desk.runOk(args)
    await far.pull('mirror/app/web', '1')
  })

  it('leaves a receipt that does not claim what did not happen', async () => {
    const receipts = join(desk.home, '.local', 'share', 'ropeway', 'receipts')
    for (const name of await readdir(receipts)) {
      const receipt: unknown = JSON.parse(await readFile(join(receipts, name), 'utf8'))
      expect(receipt, name).toMatchObject({ complete: true })
    }
  })
})
