import { readFileSync, statSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Peak resident memory of a process so far, in bytes, as Linux accounts it; undefined when it is gone. */
export function peakMemory(pid: number): number | undefined {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return match?.[1] === undefined ? undefined : Number(match[1]) * 1024
  } catch {
    return undefined
  }
}

/** Bytes that a folder takes on the disk, holes not counted. */
export function diskUse(folder: string): number {
  let total = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    try {
      const facts = statSync(join(folder, name))
      if (facts.isFile()) total += facts.blocks * 512
    } catch {
      // It was renamed or removed meanwhile.
    }
  }
  return total
}

/** Samples a value until stopped, and keeps the largest. */
export function watchPeak(sample: () => number | undefined, everyMilliseconds = 20): { stop(): number } {
  let peak = 0
  const look = () => {
    peak = Math.max(peak, sample() ?? 0)
  }
  const timer = setInterval(look, everyMilliseconds)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peak
    },
  }
}
