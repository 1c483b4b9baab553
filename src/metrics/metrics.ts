/**
 * All that one service measures. The parts of the service know nothing of it: compose.ts wraps them, and they behave
 * as before. No metric holds a secret, nor an id of a key, an event, a job or an instance.
 */
import { waitWithin } from "../core/wait-within.ts";
import type { Clock } from "../core/ports.ts";
import type { Overview } from "../overview/overview.ts";
import { type MeasuredAlerts, measureAlerts } from "./alerts.ts";
import { keyGauges } from "./key-gauges.ts";
import { type Description, Meter } from "./meter.ts";
import { type MeasuredPaddle, measurePaddle } from "./paddle.ts";
import { measureProcess } from "./process.ts";
import { type Depths, measureQueues } from "./queues.ts";
import { type MeasuredStore, measureStores } from "./stores.ts";
import { type MeasuredSweep, measureSweeps } from "./sweeps.ts";
import { type MeasuredWebhooks, measureWebhooks } from "./webhooks.ts";
import { type MeasuredProcessors, measureWork } from "./work.ts";

/** Prometheus waits 10 s for a scrape unless told otherwise; a neighbour that is down must not look like our own end. */
const NEIGHBOUR_MS = 4_000;

export type MetricsDeps = {
  /** The release. */
  readonly version: string;
  readonly clock: Clock;
  /** Milliseconds of a clock that never jumps. Left out: the process's. */
  readonly elapsed?: () => number;
};

/** What a scrape looks at. */
export type Scraped = { readonly overview: () => Promise<Overview>; readonly depths: Depths };

export type Metrics = {
  readonly paddle: MeasuredPaddle;
  readonly store: MeasuredStore;
  readonly alerts: MeasuredAlerts;
  readonly processors: MeasuredProcessors;
  readonly sweep: MeasuredSweep;
  readonly webhooks: MeasuredWebhooks;
  /** Every metric of ours, for their documentation. */
  readonly described: readonly Description[];
  /** Everything in Prometheus' text format. Never rejects for a neighbour that is down. */
  readonly scrape: (scraped: Scraped) => Promise<{ readonly contentType: string; readonly text: string }>;
};

/** Nothing is shared between two of them but the process. */
export function createMetrics({ version, clock, elapsed = () => performance.now() }: MetricsDeps): Metrics {
  const meter = new Meter(elapsed);
  const now = () => clock.now();
  const keys = keyGauges(meter);
  const queues = measureQueues(meter);
  const within = <Answer>(work: Promise<Answer>): Promise<Answer | null> =>
    waitWithin(clock, NEIGHBOUR_MS, work, () => new Error("late")).catch(() => null);
  const measured = {
    paddle: measurePaddle(meter),
    store: measureStores(meter),
    alerts: measureAlerts(meter),
    processors: measureWork(meter, now),
    sweep: measureSweeps(meter, now),
    webhooks: measureWebhooks(meter),
  };
  measureProcess(meter, version);
  return {
    ...measured,
    described: meter.made,
    async scrape({ overview, depths }) {
      const [known, counted] = await Promise.all([within(overview()), within(depths())]);
      keys.show(known);
      queues.show(counted);
      const { registry } = meter;
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
