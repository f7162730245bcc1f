/** Turns Ctrl-C and SIGTERM into an abort: the first one lets things end cleanly, the second ends the process. */
export interface Interrupt {
  readonly signal: AbortSignal
  /** The signal that came, if one did. */
  readonly received: 'SIGINT' | 'SIGTERM' | undefined
  /** Listens no longer. */
  release(): void
}

export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: (signal: 'SIGINT' | 'SIGTERM') => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: (signal: 'SIGINT' | 'SIGTERM') => void): unknown
}

export function listenForInterrupt(
  source: SignalSource,
  onFirst: (signal: 'SIGINT' | 'SIGTERM') => void,
  onSecond: (signal: 'SIGINT' | 'SIGTERM') => void,
): Interrupt {
  const controller = new AbortController()
  let received: 'SIGINT' | 'SIGTERM' | undefined
  const listener = (signal: 'SIGINT' | 'SIGTERM') => {
    if (received !== undefined) {
      onSecond(signal)
      return
    }
    received = signal
    onFirst(signal)
    controller.abort(new DOMException(`stopped by ${signal}`, 'AbortError'))
  }
  source.on('SIGINT', listener)
  source.on('SIGTERM', listener)
  return {
    signal: controller.signal,
    get received() {
      return received
    },
    release() {
      source.off('SIGINT', listener)
      source.off('SIGTERM', listener)
    },
  }
}
