/** Whether each consumer can be looked at, and what the rotator must be allowed to do. Nobody is told anything. */
import type { Config } from "../../config/config.ts";
import type { Consumer } from "../../core/consumer.ts";
import type { Secret } from "../../core/secret.ts";
import { type Bounds, within } from "./bounds.ts";
import { type Finding, ok } from "./finding.ts";

type Key = Config["keys"][number];
export type OpenConsumer = (config: Key["consumers"][number]) => Promise<Consumer>;

/** For consumers that are only looked at: no service remembers anything for them. */
export const NOTHING_KEPT = {
  records: { get: async () => undefined, putIfAbsent: async () => true },
  attestations: {
    take: async () => "full" as const,
    of: async () => ({ attestations: [], complete: true }),
  },
};

/** @param active what the store holds; null: nothing, or it cannot be read */
export function lookAtConsumers(
  { name: keyName, consumers }: Key,
  active: Secret | null,
  open: OpenConsumer,
  bounds: Bounds,
): Promise<Finding[]> {
  return Promise.all(
    consumers.map(async (config): Promise<Finding> => {
      const about = `${keyName}, consumer ${config.name}`;
      if (!active) return ok(about, "not looked at: there is no active secret");
      const opened = await within(bounds, about, "opening it", () => open(config));
      if (!opened.done) return opened.finding;
      const consumer = opened.value;
      const switchOver = { id: "check", keyName, rotationId: null, fingerprint: active.fingerprint() };
      const seen = await within(bounds, about, "looking at it", () => consumer.observe(switchOver));
      return seen.done ? ok(about, seen.value.says) : { ...seen.finding, needs: consumer.needs };
    }),
  );
}
