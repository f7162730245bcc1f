import * as Args from '@oclif/core/args'
import { RopewayCommand } from '../base/command.js'
import { hostOf, logOut } from '../base/login.js'
import type { LogoutResult } from '../results.js'

export default class Logout extends RopewayCommand {
  static override summary = 'Forget the login of a registry'
  static override description = 'Removes what login kept, from the file and from its credential helper.'
  static override usage = '<%= command.id %> HOST [FLAGS]'
  static override examples = ['<%= config.bin %> <%= command.id %> harbor.corp:5000']
  static override args = {
    host: Args.string({ description: 'registry, with its port', required: true, ignoreStdin: true }),
  }

  async run(): Promise<LogoutResult> {
    const { args, flags } = await this.parse(Logout)
    const faces = this.faces(flags)
    const host = hostOf(args.host)
    const removed = await logOut(host, process.env)
    this.show(faces, [
      removed ? `${faces.out.paint.green('✓')} logged out of ${host}` : `nothing to do: there was no login for ${host}`,
    ])
    return { host, removed }
  }
}
