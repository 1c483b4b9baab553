/**
 * A consumer whose instances also report for themselves what they use. Testimony informs: where the platform shows
 * something too, both must agree, and the more careful of the two counts.
 */
import type { Attestations } from "../core/attestation.ts";
import { type Consumer, type Instance, MAX_INSTANCES, type Progress } from "../core/consumer.ts";
import { tally } from "./tally.ts";

export type Testifying = {
  /** How many instances there must be. */
  readonly expect: number;
  readonly attestations: Attestations;
};

export function attested(consumer: Consumer, { expect, attestations }: Testifying): Consumer {
  const { name, refreshMs, timeoutMs, needs } = consumer;
  return {
    name,
    refreshMs,
    timeoutMs,
    needs,
    notify: (switchOver) => consumer.notify(switchOver),

    async observe(switchOver) {
      const [seen, { attestations: given, complete }] = await Promise.all([
        consumer.observe(switchOver),
        attestations.of(name),
      ]);
      const reports = given.map(({ instance, fingerprint }) => ({ id: instance, fingerprint }));
      const said = tally(reports, switchOver.fingerprint, expect);
      return merge(seen, complete ? said : unfinished(said));
    },
  };
}

/** Among what could not be looked through, somebody may lag. */
function unfinished(said: Progress): Progress {
  return {
    ...said,
    state: "under-way",
    says: `${said.says} More instances report than can be counted (${MAX_INSTANCES}).`,
  };
}

function merge(seen: Progress, said: Progress): Progress {
  if (seen.state === "unprovable") return { ...said, says: `Attested: ${said.says}` };
  const proved = seen.state === "proved" && said.state === "proved";
  return {
    state: proved ? "proved" : "under-way",
    instances: together(seen.instances, said.instances),
    says: `${seen.says} Attested: ${said.says}`,
  };
}

/** One entry for each name; where the two do not agree, the one that lags. */
function together(seen: readonly Instance[], said: readonly Instance[]): readonly Instance[] {
  const byId = new Map(seen.map((instance) => [instance.id, instance]));
  for (const instance of said)
    if (instance.state === "lagging" || !byId.has(instance.id)) byId.set(instance.id, instance);
  return [...byId.values()].slice(0, MAX_INSTANCES);
}
