/** The simulator's time. It is read, never waited for, so that a test can move it. */

export interface TimeSource {
  /** Epoch milliseconds. */
  now(): number;
}

/** A clock that follows another one, perhaps faster, and can be moved on from it. */
export interface SimulatorClock extends TimeSource {
  advance(ms: number): void;
  /**
   * The clock that it follows. The receiver of a webhook lives in this time and checks signatures by it,
   * however far the account's own time has been moved.
   */
  readonly base: TimeSource;
}

/**
 * @param base what it follows; left out: real time
 * @param timeScale how many milliseconds pass for each one of `base`
 */
export function movableClock({
  base = { now: Date.now },
  timeScale = 1,
}: { base?: TimeSource; timeScale?: number } = {}): SimulatorClock {
  const startedAt = base.now();
  let advancedMs = 0;
  return {
    base,
    now: () => Math.floor(startedAt + (base.now() - startedAt) * timeScale + advancedMs),
    advance: (ms) => {
      advancedMs += ms;
    },
  };
}
