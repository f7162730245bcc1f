import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { askLine, askSecret, readStdin } from '../base/ask.js'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { hostOf, logIn } from '../base/login.js'
import * as errors from '../errors.js'
import type { LoginResult } from '../results.js'

export default class Login extends RopewayCommand {
  static override summary = 'Check a login against a registry and keep it'
  static override description =
    'Kept where docker keeps its own: with the credential helper that ~/.docker/config.json names, else in that file (REGISTRY_AUTH_FILE names another). The password is read from standard input or from the terminal, never from the command line. Nothing is kept when the registry refuses it.'
  static override usage = '<%= command.id %> HOST [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> harbor.corp:5000 --username ci-bot',
    'echo "$HARBOR_TOKEN" | <%= config.bin %> <%= command.id %> harbor.corp:5000 --username ci-bot --password-stdin',
  ]
  static override args = {
    host: Args.string({ description: 'registry, with its port', required: true, ignoreStdin: true }),
  }
  static override flags = {
    username: Flags.string({ char: 'u', description: 'user name; asked for when it is missing', helpValue: 'NAME' }),
    'password-stdin': Flags.boolean({ description: 'take the password from standard input' }),
    insecure: shared.networkFlags.insecure,
    'ca-file': shared.networkFlags['ca-file'],
  }

  async run(): Promise<LoginResult> {
    const { args, flags } = await this.parse(Login)
    const faces = this.faces(flags)
    const host = hostOf(args.host)
    const asks = process.stdin.isTTY && !flags['password-stdin']
    const username = flags.username ?? (asks ? await askLine(`User name for ${host}: `) : '')
    if (username === '') throw errors.usernameMissing(host)
    const password = flags['password-stdin']
      ? await readStdin()
      : asks
        ? await askSecret(`Password of ${username}: `)
        : ''
    if (password === '') throw errors.passwordMissing(host, '--password-stdin')
    const { kept, proved } = await logIn({ host, username, password }, flags, process.env)
    const { paint } = faces.out
    this.show(faces, [
      `${paint.green('✓')} ${proved ? 'logged in to' : 'kept the login for'} ${host} as ${username} (${kept})`,
      ...(proved ? [] : [`${paint.yellow('!')} ${host} answers without a login, so it was not proved`]),
    ])
    return { host, username, kept, proved }
  }
}
