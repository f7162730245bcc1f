export interface Clock {
  now(): number
}

/** Resolves after `milliseconds`; throws the signal's reason when it is aborted before. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>

/** Holds back everything that goes to one host after the host asked for a pause. */
export interface Gate {
  pause(milliseconds: number): void
  wait(signal?: AbortSignal): Promise<void>
}

export function createGate(clock: Clock, sleep: Sleep): Gate {
  let until = 0
  return {
    pause(milliseconds) {
      until = Math.max(until, clock.now() + milliseconds)
    },
    async wait(signal) {
      let slept: number | undefined
      while (until !== slept && until > clock.now()) {
        slept = until
        await sleep(until - clock.now(), signal)
      }
    },
  }
}

/** Gates by host. */
export function createGates(clock: Clock, sleep: Sleep): (host: string) => Gate {
  const gates = new Map<string, Gate>()
  return (host) => {
    const known = gates.get(host) ?? createGate(clock, sleep)
    gates.set(host, known)
    return known
  }
}
