import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One run of a program. */
export interface Measured {
  readonly milliseconds: number
  /** Peak resident memory in bytes, as Linux accounts it; 0 where it does not tell. */
  readonly peak: number
  /** Seconds of all processors, short of the last hundredths; 0 where Linux does not tell. */
  readonly processor: number
}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

function peakOf(pid: number | undefined): number {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))
    return Number(match?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** Ticks of Linux' clock in a second. */
const ticks = 100

function processorOf(pid: number | undefined): number {
  try {
    // what stands behind the name of the program, which may hold anything
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticks
  } catch {
    return 0
  }
}

/** Runs a program to its end, measuring. Rejects with all that it said when it fails. */
export function measure({ command, args, cwd, env }: Program): Promise<Measured> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let peak = 0
    let processor = 0
    let said = ''
    const look = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid))
      processor = Math.max(processor, processorOf(child.pid))
    }, 10)
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('error', reject)
    child.on('exit', () => clearInterval(look))
    child.on('close', (code) => {
      const milliseconds = performance.now() - began
      if (code === 0) resolve({ milliseconds, peak, processor })
      else reject(new Error(`${command} ${args.join(' ')} ended with ${String(code)}: ${said}`))
    })
  })
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

/** Columns that line up: the first to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return rows.map((row) => `  ${line(row).trimEnd()}`).join('\n')
}
