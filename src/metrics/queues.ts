/** How much each queue has to do. */
import type { Meter } from "./meter.ts";

/** How many jobs there are, by queue and state. Rejects if the queue does not say. */
export type Depths = () => Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;

export type QueueGauges = {
  /** null: the queue did not say. */
  readonly show: (depths: Awaited<ReturnType<Depths>> | null) => void;
};

export function measureQueues(meter: Meter): QueueGauges {
  const jobs = meter.gauge({
    name: "jobs",
    help: "Jobs by queue and state: waiting, active, delayed or failed; not there while the queue does not answer.",
    labels: ["queue", "state"],
  });
  const reachable = meter.gauge({
    name: "queue_reachable",
    help: "1: the queue answered this scrape; 0: it did not.",
  });
  return {
    show: (depths) => {
      jobs.reset();
      reachable.set(depths ? 1 : 0);
      for (const [queue, states] of Object.entries(depths ?? {}))
        for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
    },
  };
}
