/** `check`: reads the configuration and looks at every store. The service need not run. */
import type { Config } from "../config/config.ts";
import type { Leases, SecretStore } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Answer } from "./answer.ts";

export type OpenStore = (options: Config["keys"][number]["store"]) => Promise<SecretStore>;

/** For stores that are only looked at. */
export const NO_LEASES: Leases = { take: async () => false, giveBack: async () => {} };

/** @param openStore opens a store that is only looked at */
export async function check(config: Config, openStore: OpenStore): Promise<Answer> {
  const findings = await Promise.all(config.keys.flatMap(placesOf).map((place) => look(place, openStore)));
  const ok = findings.every(({ fault }) => fault === null);
  const text = ["ok      configuration", ...findings.flatMap(linesOf)].join("\n");
  return { ok, text, json: { ok, keys: findings } };
}

type Finding = Pick<SecretStore, "location" | "guide"> & {
  readonly name: string;
  /** null: it can be read and written, and holds what it should. */
  readonly fault: string | null;
};

async function look({ name, slot, options }: Place, openStore: OpenStore): Promise<Finding> {
  const store = await openStore(options);
  const found = (fault: string | null): Finding => {
    return { name, location: store.location, guide: store.guide, fault };
  };
  try {
    const { slots } = await store.read();
    await store.checkWritable();
    return found(slots[slot] ? null : `holds no ${slot} secret: put a rotatable Paddle API key there`);
  } catch (error) {
    return found(describeError(error));
  }
}

function linesOf({ name, location, guide, fault }: Finding): string[] {
  if (fault === null)
    return [`ok      ${name}: ${location}`, `        applications read ${guide.applicationsRead}`];
  const needs =
    guide.needs.length === 0 ? [] : ["        what the rotator needs there:", ...guide.needs.map(indented)];
  return [`failed  ${name}: ${fault}`, ...needs];
}

function indented(line: string): string {
  return `          ${line}`;
}

type Key = Config["keys"][number];

type Place = { readonly name: string; readonly slot: "active" | "standby"; readonly options: Key["store"] };

function placesOf({ name, store, standby }: Key): Place[] {
  const own: Place = { name, slot: "active", options: store };
  return standby ? [own, { name: `${name}-standby`, slot: "standby", options: standby.store }] : [own];
}
