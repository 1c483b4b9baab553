/** Makes the instruments of one service: in a registry of its own, under one prefix, so that two services share nothing. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

export const PREFIX = "paddle_rotator_";

type What<Label extends string> = {
  /** Without the prefix, by Prometheus' conventions: base units, `_total`, `_seconds`, `_timestamp_seconds`. */
  readonly name: string;
  /** One sentence; docs/metrics.md has the same. */
  readonly help: string;
  /** Of each, few values: names from the configuration and words of ours. Never an id. */
  readonly labels?: readonly Label[];
};

/** A metric as its documentation has it. */
export type Description = {
  /** With the prefix. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
};

export class Meter {
  readonly registry = new Registry();
  /** What was made here, in its order. */
  readonly made: Description[] = [];
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;

  constructor(elapsed: () => number) {
    this.elapsed = elapsed;
  }

  counter<Label extends string = never>(what: What<Label>): Counter<Label> {
    return new Counter(this.#settings("counter", what));
  }

  /** Without labels it is 0 until it is set; with labels it is not there. */
  gauge<Label extends string = never>(what: What<Label>): Gauge<Label> {
    return new Gauge(this.#settings("gauge", what));
  }

  /** @param buckets upper bounds in seconds */
  histogram<Label extends string = never>(what: What<Label>, buckets: readonly number[]): Histogram<Label> {
    return new Histogram({ ...this.#settings("histogram", what), buckets: [...buckets] });
  }

  #settings<Label extends string>(type: Description["type"], what: What<Label>) {
    const { help, labels = [] } = what;
    const name = `${PREFIX}${what.name}`;
    this.made.push({ name, type, help, labels });
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }
}
