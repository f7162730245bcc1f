import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const manifest = fileURLToPath(new URL('../package.json', import.meta.url))

function runAs(version: string): Promise<{ code: number | string | null | undefined; stdout: string; stderr: string }> {
  const versions = `{...process.versions, node: ${JSON.stringify(version)}}`
  const pretend = `data:text/javascript,Object.defineProperty(process, "versions", {value: ${encodeURIComponent(versions)}})`
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', pretend, bin, '--version'], { cwd: tmpdir() }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

describe('bin/run.js', () => {
  it('says in its first line that Node is too old, which one runs, and what to do', async () => {
    for (const version of ['20.19.0', '22.18.9', '16.0.0']) {
      const { code, stdout, stderr } = await runAs(version)
      expect(code).toBe(2)
      expect(stdout).toBe('')
      expect(stderr.split('\n')[0]).toBe(
        `ropeway needs Node.js 22.19 or newer, and this is Node.js ${version}: install a newer one, or put it first in PATH.`,
      )
    }
  })

  it('does not complain of a Node that is new enough', async () => {
    for (const version of ['22.19.0', '24.0.0']) expect((await runAs(version)).stderr).not.toContain('needs Node.js')
  })

  it('wants what the package says', async () => {
    const { engines } = JSON.parse(await readFile(manifest, 'utf8')) as { engines: { node: string } }
    expect(engines.node).toBe('>=22.19')
    expect(await readFile(bin, 'utf8')).toContain('var wanted = [22, 19]')
  })

  it('can be parsed by what is far too old', async () => {
    const code = (await readFile(bin, 'utf8')).replace(/\/\/.*|'[^']*'/g, '')
    expect(code).not.toMatch(/=>|\b(const|let|class|async|await)\b|\?\.|\?\?|`|\.\.\.|^import\b/m)
  })
})
