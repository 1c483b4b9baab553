/** How far the consumers of a key are with its active secret. Instances are counted, never named. */
import { type KeyPart, toSeconds } from "./key-part.ts";
import type { Meter } from "./meter.ts";

export function consumerGauges(meter: Meter): KeyPart {
  const started = meter.gauge({
    name: "switch_over_started_timestamp_seconds",
    help: "When the key's consumers were first told of its active secret.",
    labels: ["key"],
  });
  const switched = meter.gauge({
    name: "consumer_switched",
    help: "1: the consumer is proved to use the active secret; 0: not yet; not there if it cannot prove it.",
    labels: ["key", "consumer"],
  });
  const instances = meter.gauge({
    name: "consumer_instances",
    help: "Instances of the consumer by state, switched or lagging; of each consumer the first 100 are counted.",
    labels: ["key", "consumer", "state"],
  });
  return {
    reset: () => [started, switched, instances].forEach((gauge) => gauge.reset()),
    show: ({ view: { name: key }, switchOver }) => {
      const startedAt = toSeconds(switchOver?.startedAt);
      if (startedAt !== null) started.set({ key }, startedAt);
      for (const { name: consumer, state, instances: seen } of switchOver?.consumers ?? []) {
        if (state !== "unprovable") switched.set({ key, consumer }, state === "proved" ? 1 : 0);
        for (const how of ["switched", "lagging"] as const)
          instances.set(
            { key, consumer, state: how },
            seen.filter((instance) => instance.state === how).length,
          );
      }
    },
  };
}
