/** The part of `check` about consumers: whether each can be looked at, and what the rotator must be allowed to do. */
import type { Config } from "../config/config.ts";
import { type Consumer, ConsumerError } from "../core/consumer.ts";
import type { Secret } from "../core/secret.ts";
import { QueueError } from "../core/errors.ts";

type Key = Config["keys"][number];
export type OpenConsumer = (config: Key["consumers"][number]) => Promise<Consumer>;

export type ConsumerFinding = {
  readonly key: string;
  readonly name: string;
  /** What it shows of itself now; null: it could not be looked at. */
  readonly says: string | null;
  readonly fault: string | null;
  readonly needs: readonly string[];
};

/** Tells nobody anything. @param active what the store holds; null: nothing, or it cannot be read */
export function lookAtConsumers(
  { name: key, consumers }: Key,
  active: Secret | null,
  open: OpenConsumer,
): Promise<ConsumerFinding[]> {
  return Promise.all(
    consumers.map(async (config) => {
      const consumer = await open(config);
      const about = { key, name: config.name, needs: consumer.needs };
      if (!active) return { ...about, says: "not looked at: there is no active secret", fault: null };
      try {
        const fingerprint = active.fingerprint();
        const { says } = await consumer.observe({ id: "check", keyName: key, rotationId: null, fingerprint });
        return { ...about, says, fault: null };
      } catch (error) {
        if (!(error instanceof ConsumerError) && !(error instanceof QueueError)) throw error;
        return { ...about, says: null, fault: error.message };
      }
    }),
  );
}

export function linesOfConsumer({ key, name, says, fault, needs }: ConsumerFinding): string[] {
  const who = `${key}, consumer ${name}`;
  if (fault === null) return [`ok      ${who}: ${says}`];
  const lines = needs.map((line) => `          ${line}`);
  return [
    `failed  ${key}: ${fault}`,
    ...(lines.length > 0 ? ["        what the rotator needs there:", ...lines] : []),
  ];
}
