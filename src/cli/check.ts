/** `check`: reads the configuration and looks at every store. The service need not run. */
import type { Config } from "../config/config.ts";
import type { SecretStore } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Answer } from "./answer.ts";

export type OpenStore = (options: Config["keys"][number]["store"]) => SecretStore;

export async function check(config: Config, openStore: OpenStore): Promise<Answer> {
  const findings = await Promise.all(
    config.keys.flatMap(placesOf).map(async ({ name, slot, options }) => {
      const store = openStore(options);
      try {
        const { slots } = await store.read();
        await store.checkWritable();
        const fault = slots[slot] ? null : `holds no ${slot} secret: put a rotatable Paddle API key there`;
        return { name, location: store.location, fault };
      } catch (error) {
        return { name, location: store.location, fault: describeError(error) };
      }
    }),
  );
  const lines = findings.map(({ name, location, fault }) =>
    fault === null ? `ok      ${name}: ${location}` : `failed  ${name}: ${fault}`,
  );
  const ok = findings.every(({ fault }) => fault === null);
  return { ok, text: ["ok      configuration", ...lines].join("\n"), json: { ok, keys: findings } };
}

type Key = Config["keys"][number];

function placesOf({ name, store, standby }: Key) {
  const own = { name, slot: "active", options: store } as const;
  if (!standby) return [own];
  return [own, { name: `${name}-standby`, slot: "standby", options: standby.store } as const];
}
