/**
 * Services of Amazon ECS that take the secret when their tasks start. UpdateService begins another deployment each
 * time, so the deployments that there were are remembered first: one that is not among them has read the new secret.
 */
import { z } from "zod";
import { type ClientNeeds, PATIENCE } from "../../aws/client.ts";
import type { Consumer, Instance, Progress } from "../../core/consumer.ts";
import type { Clock, Records } from "../../core/ports.ts";
import { quoted } from "../../core/quoted.ts";
import { Platform } from "./platform.ts";
import { type EcsPlace, policyFor } from "./policy.ts";
import { hasBegun, type Remembered, type Seen, verdictOf } from "./service.ts";

export type EcsOptions = EcsPlace & Pick<Consumer, "name" | "refreshMs" | "timeoutMs">;

export type EcsNeeds = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly records: Pick<Records, "get" | "putIfAbsent">;
};

const BEFORE = "ecs-deployments-before";
const BEGUN = "ecs-deployment-begun";
const MOST_NAMED = 20;

const Before = z.object({ ids: z.array(z.string()) });

/** @param patience what only tests change. Throws QueueError too. */
export function ecsConsumer(
  options: EcsOptions,
  { clock, random, records }: EcsNeeds,
  patience: Partial<Pick<ClientNeeds, "patience" | "stsEndpoint">> = {},
): Consumer {
  const { name, refreshMs, timeoutMs } = options;
  const platform = new Platform(name, options, {
    clock,
    random,
    patience: PATIENCE,
    stsEndpoint: null,
    ...patience,
  });
  const markOf = (id: string, service: Seen) => `${id}.${name}.${service.name}`;

  const recall = async (mark: string): Promise<Remembered> => {
    const before = Before.safeParse(await records.get(BEFORE, mark)).data?.ids ?? null;
    return { before, isBegun: (await records.get(BEGUN, mark)) !== undefined };
  };

  /** Remembered before it is done: a crash or a lost answer is then told by the deployment that there is. */
  const tell = async (service: Seen, id: string): Promise<void> => {
    const mark = markOf(id, service);
    const at = clock.now();
    await records.putIfAbsent(BEFORE, mark, { ids: service.deployments.map(({ id: one }) => one), at });
    const remembered = await recall(mark);
    if (remembered.isBegun) return;
    if (!hasBegun(service, remembered)) await platform.deploy(service.name);
    await records.putIfAbsent(BEGUN, mark, at);
  };

  return {
    name,
    refreshMs,
    timeoutMs,
    needs: policyFor(options),

    async notify({ id }) {
      const { found, absent } = await platform.services();
      let failed: unknown = absent;
      for (const service of found.filter(({ controller }) => controller === null))
        await tell(service, id).catch((error: unknown) => {
          failed ??= error;
        });
      if (failed !== null) throw failed;
      return "told";
    },

    async observe({ id }) {
      const { found, absent } = await platform.services();
      if (absent) throw absent;
      const looks: Look[] = [];
      for (const service of found) {
        const remembered = await recall(markOf(id, service));
        const former: string[] = [];
        for (const deployment of remembered.before ?? [])
          former.push(...(await platform.tasksOf(deployment)));
        looks.push({ service, former, ...verdictOf(service, remembered, former.length) });
      }
      return progressOf(looks);
    },
  };
}

type Look = {
  readonly service: Seen;
  /** Tasks with the former secret. */
  readonly former: readonly string[];
  readonly isComplete: boolean;
  readonly says: string;
};

function progressOf(looks: readonly Look[]): Progress {
  const complete = looks.filter(({ isComplete }) => isComplete).length;
  const services = looks.map(({ service, isComplete, says }): Instance => {
    return { id: quoted(service.name), state: isComplete ? "switched" : "lagging", says: quoted(says) };
  });
  const tasks = looks.flatMap(({ former }) => former.map(quoted));
  const named = tasks.slice(0, MOST_NAMED).map((id): Instance => {
    return { id, state: "lagging", says: "runs with the former secret" };
  });
  const unnamed = tasks.length > MOST_NAMED ? "; not every task that lags is named" : "";
  return {
    state: complete === looks.length ? "proved" : "under-way",
    instances: [...services, ...named],
    says: `${complete} of ${looks.length === 1 ? "1 service has" : `${looks.length} services have`} rolled out${unnamed}.`,
  };
}
