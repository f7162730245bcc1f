import { RopewayError, defineCredentials } from '@ropeway/core'
import { z } from 'zod'

const Answer = z.object({ username: z.string(), password: z.string() })

/** Hosts that hand out a pass at /pass. */
export const pass = defineCredentials({
  name: 'pass',
  summary: 'The pass that a host on this machine hands out at /pass.',
  async get(host, role, { http, signal }) {
    const { status, body } = await http.request({ url: `http://${host}/pass`, role, signal })
    const chunks = []
    for await (const chunk of body) chunks.push(chunk)
    if (status === 401 || status === 403) throw passRefused(host, role, status)
    if (status !== 200) return undefined
    return { ...Answer.parse(JSON.parse(Buffer.concat(chunks).toString())), origin: `the pass of ${host}` }
  },
})

function passRefused(host, side, status) {
  return new RopewayError({
    code: 'PASS_REFUSED',
    side,
    message: `${host} hands out no pass to this machine (${status})`,
    operation: 'asking for a pass from',
    about: host,
    hint: 'ask the owner of the host to let this machine in',
  })
}
