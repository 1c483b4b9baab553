/** `check`: reads the configuration and looks at every store. The service need not run. */
import type { Config } from "../config/config.ts";
import type { SecretStore } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Answer } from "./answer.ts";

export type OpenStore = (options: Config["keys"][number]["store"]) => SecretStore;

export async function check(config: Config, openStore: OpenStore): Promise<Answer> {
  const findings = await Promise.all(
    config.keys.map(async ({ name, store: options }) => {
      const store = openStore(options);
      try {
        const { slots } = await store.read();
        await store.checkWritable();
        const fault = slots.active ? null : "holds no active secret: put a rotatable Paddle API key there";
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
