import type { Context } from '@ropeway/core'
import type { SessionOptions } from './session.js'
import { warningScreen } from '../screen/warnings.js'

/** Runs work that reaches the network, or does not: without need nothing of the engine is loaded. Warnings are shown in the end. */
export async function withNetwork<T>(
  needed: boolean,
  options: SessionOptions,
  work: (context?: Context) => Promise<T>,
): Promise<T> {
  if (!needed) return work()
  const { withSession } = await import('./session.js')
  const { result, unseen } = await withSession(options, async (session) => {
    const { runtime } = session
    const nowhere = { name: 'chart', version: '', directory: process.cwd(), insecure: [], caFiles: [], hosts: [] }
    return { result: await work(runtime.context(nowhere)), unseen: session.unseen() }
  })
  options.faces.err.print(warningScreen(unseen, options.faces.err))
  return result
}
