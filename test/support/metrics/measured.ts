/** Metrics with a clock of their own, read as Prometheus reads them. */
import { createMetrics, type Metrics, type Scraped } from "../../../src/metrics/metrics.ts";
import { NOW } from "../admin/keys.ts";
import { FakeClock } from "../fake-clock.ts";
import { overviewOf } from "./overview.ts";

export type Measured = {
  readonly metrics: Metrics;
  readonly clock: FakeClock;
  /** Lets this many milliseconds go by for what is timed. */
  readonly pass: (ms: number) => void;
  readonly scrape: (scraped?: Partial<Scraped>) => Promise<string>;
  /** The value of one series, e.g. `jobs{queue="alerts",state="failed"}`; undefined: there is none. */
  readonly value: (series: string, scraped?: Partial<Scraped>) => Promise<number | undefined>;
};

export function openMetrics(): Measured {
  const clock = new FakeClock(NOW);
  let elapsed = 0;
  const metrics = createMetrics({ version: "0.0.0-test", clock, elapsed: () => elapsed });
  const scrape: Measured["scrape"] = async (scraped = {}) => {
    const neighbours = { overview: async () => overviewOf([]), depths: async () => ({}) };
    return (await metrics.scrape({ ...neighbours, ...scraped })).text;
  };
  return {
    metrics,
    clock,
    pass: (ms) => void (elapsed += ms),
    scrape,
    value: async (series, scraped) => seriesIn(await scrape(scraped)).get(`paddle_rotator_${series}`),
  };
}

/** Values by series, as they are written. */
export function seriesIn(text: string): ReadonlyMap<string, number> {
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );
}
