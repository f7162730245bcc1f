import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { readStdin } from '../base/ask.js'
import { RopewayCommand } from '../base/command.js'
import { openServed } from '../base/serve.js'
import { listenForInterrupt } from '../base/interrupt.js'
import * as errors from '../errors.js'
import type { ServeResult } from '../results.js'
import { serveScreen } from '../screen/serve.js'

const variable = 'ROPEWAY_SERVE_PASSWORD'

export default class Serve extends RopewayCommand {
  static override summary = 'Serve a bundle or a folder as an OCI registry'
  static override description =
    'A bundle is served as it is, read-only, straight from the tar. A folder can be pushed to; one that is missing or empty becomes a new registry. Ctrl-C ends it.'
  static override usage = '<%= command.id %> PATH [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> platform.tar',
    '<%= config.bin %> <%= command.id %> registry --port 5001',
    `${variable}=... <%= config.bin %> <%= command.id %> registry --host 0.0.0.0 --username ci --tls-cert cert.pem --tls-key key.pem`,
  ]
  static override args = {
    path: Args.string({ description: 'bundle file, or folder', required: true, ignoreStdin: true }),
  }
  static override flags = {
    host: Flags.string({ description: 'address to listen on', helpValue: 'ADDRESS', default: '127.0.0.1' }),
    port: Flags.integer({
      description: 'port; 0 takes any free one',
      helpValue: 'PORT',
      default: 5000,
      min: 0,
      max: 65535,
    }),
    'tls-cert': Flags.string({
      description: 'certificate with its chain, PEM',
      helpValue: 'FILE',
      dependsOn: ['tls-key'],
    }),
    'tls-key': Flags.string({ description: 'key of the certificate, PEM', helpValue: 'FILE', dependsOn: ['tls-cert'] }),
    username: Flags.string({
      description: `ask everybody for this user and the password in ${variable}`,
      helpValue: 'NAME',
    }),
    'password-stdin': Flags.boolean({ description: 'take the password from standard input', dependsOn: ['username'] }),
    'read-only': Flags.boolean({ description: 'refuse pushes to a folder too' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Serve)
    const faces = this.faces(flags)
    const password = flags['password-stdin'] ? await readStdin() : process.env[variable]
    if (flags.username !== undefined && (password ?? '') === '') {
      throw errors.passwordMissing(flags.username, `--password-stdin, or in ${variable}`)
    }
    const interrupt = listenForInterrupt(
      process,
      () => faces.err.print(['closing; Ctrl-C again ends at once']),
      (signal) => process.exit(signal === 'SIGINT' ? 130 : 143),
    )
    const served = await openServed(args.path, {
      host: flags.host,
      port: flags.port,
      readOnly: flags['read-only'],
      tls: { cert: flags['tls-cert'], key: flags['tls-key'] },
      auth: flags.username === undefined ? undefined : { username: flags.username, password: password ?? '' },
    })
    const { server, what, readOnly } = served
    const facts: ServeResult = {
      path: args.path,
      url: server.url,
      host: server.host,
      readOnly,
      authenticated: flags.username !== undefined,
    }
    if (this.jsonEnabled()) this.logJson(facts)
    else faces.out.print(serveScreen({ ...facts, what }, faces.out.paint))
    await new Promise<void>((resolve) => interrupt.signal.addEventListener('abort', () => resolve(), { once: true }))
    await served.close()
    interrupt.release()
  }
}
