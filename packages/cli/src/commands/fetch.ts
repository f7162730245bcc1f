import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { shown } from '../text/path.js'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { nothingWritten } from '../base/resume.js'
import { withSession } from '../base/session.js'
import { fetchScreen } from '../screen/fetch.js'
import { warningScreen } from '../screen/warnings.js'
import type { FetchResult } from '../results.js'

export default class Fetch extends RopewayCommand {
  static override summary = 'Take charts, manifests and files back out'
  static override description =
    'From a bundle, or from a registry: a chart becomes name-version.tgz, manifests and files get the names that they had. What is there under such a name is replaced, whole or not at all.'
  static override usage = '<%= command.id %> FROM -o DIR [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> platform.tar -o out',
    '<%= config.bin %> <%= command.id %> platform.tar -o out --only chart',
    '<%= config.bin %> <%= command.id %> harbor.corp:5000/mirror/podinfo:6.7.1 -o out',
  ]
  static override args = {
    from: Args.string({
      description: 'bundle file, or reference of a chart, manifests or a file',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'folder to write to; made when it is missing',
      helpValue: 'DIR',
      required: true,
    }),
    ...shared.onlyFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<FetchResult> {
    const { args, flags } = await this.parse(Fetch)
    const faces = this.faces(flags)
    const directory = resolve(flags.output)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const source = (await isFile(args.from))
      ? `bundle={path: ${JSON.stringify(resolve(args.from).replaceAll('{', '\\{'))}}`
      : `oci=${args.from}`
    const { files, unseen } = await withSession(options, async ({ engine, runtime, unseen: warnings }) => {
      const chain = await engine.adHocChain({ sources: [source], directory: process.cwd() }, runtime)
      const resolution = await engine.resolve(chain, runtime, { discover: false })
      const done = await engine.fetchContent(resolution, runtime, { directory, only: flags.only })
      return { files: done.files, unseen: warnings() }
    })
    if (!this.jsonEnabled()) faces.err.print(warningScreen(unseen, faces.err))
    this.show(faces, fetchScreen(files, shown(directory), faces.out.paint))
    return { directory, files }
  }
}

/** A bundle is a file that is there, or is named like one: the error then speaks of a file. */
async function isFile(name: string): Promise<boolean> {
  const facts = await stat(name).catch(() => undefined)
  return facts?.isFile() ?? name.endsWith('.tar')
}
