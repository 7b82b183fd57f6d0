// SIGINT and SIGTERM end a role politely, a second one ends it at once.

/** Signal numbers, for the exit code 128 + n that shells use. */
const numbers = { SIGINT: 2, SIGTERM: 15 } as const;

/** The wish to stop, from a signal or from the control socket. */
export interface StopSignal {
  /** Resolves with what asked first. */
  readonly stopped: Promise<string>;
  stop(reason: string): void;
  /** Gives the signals back. */
  dispose(): void;
}

/** Catches the signals; SIGHUP, where there is one, calls `hangUp`. */
export function catchStopSignals(hangUp: () => void): StopSignal {
  const { promise, resolve } = Promise.withResolvers<string>();
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(128 + numbers[signal as keyof typeof numbers]);
    isStopping = true;
    resolve(signal);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', hangUp);
  return {
    stopped: promise,
    stop: resolve,
    dispose: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', hangUp),
  };
}
