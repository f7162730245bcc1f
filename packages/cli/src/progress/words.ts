import type { Phase } from '@ropeway/core'
import { count, duration, size } from '../text/measure.js'
import { bytesDone, speedOf, timeLeft, type Progress } from './state.js'

/** What is going on, as a word in the sentence "… is going on". */
export const doing: Readonly<Record<Phase, string>> = {
  load: 'reading the chain',
  resolve: 'resolving',
  edit: 'editing',
  discover: 'discovering',
  name: 'naming',
  prove: 'proving',
  lock: 'locking',
  plan: 'planning',
  deliver: 'delivering',
  verify: 'verifying',
}

/** Totals of a delivery: `0.41 of 0.92 GB · 21 MB/s · 24 s left · 3 of 8 artifacts · 2 retries`. */
export function totals(progress: Progress, now: number): string[] {
  const { artifacts, bytes, retries } = progress
  const speed = speedOf(progress, now)
  const left = timeLeft(progress, now)
  return [
    bytes.total === 0 ? '' : `${size(bytesDone(progress))} of ${size(bytes.total)}`,
    speed === undefined || bytes.total === 0 ? '' : `${size(speed)}/s`,
    left === undefined ? '' : `${duration(left)} left`,
    artifacts.total === 0 ? '' : `${artifacts.done} of ${count(artifacts.total, 'artifact')}`,
    artifacts.failed === 0 ? '' : `${artifacts.failed} failed`,
    retries === 0 ? '' : count(retries, 'retry', 'retries'),
  ].filter((part) => part !== '')
}
