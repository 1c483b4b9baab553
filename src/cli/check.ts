/** `check`: reads the configuration and looks at every store. The service need not run. */
import type { Config } from "../config/config.ts";
import type { Leases, SecretStore } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Answer } from "./answer.ts";

/** What a store is for. */
type Slot = "active" | "standby";

/** Opens a store that is only looked at. @param holds which of a key's secrets it is there for */
export type OpenStore = (options: Config["keys"][number]["store"], holds: Slot) => Promise<SecretStore>;

/** For stores that are only looked at. */
export const NO_LEASES: Leases = { take: async () => false, giveBack: async () => {} };

export async function check(config: Config, openStore: OpenStore): Promise<Answer> {
  const findings = await Promise.all(config.keys.flatMap(placesOf).map((place) => look(place, openStore)));
  const ok = findings.every(({ fault }) => fault === null);
  const text = ["ok      configuration", ...findings.flatMap(linesOf)].join("\n");
  return { ok, text, json: { ok, keys: findings } };
}

type Finding = Pick<SecretStore, "location" | "guide"> & {
  readonly name: string;
  readonly holds: Slot;
  /** null: it can be read and written, and holds what it should. */
  readonly fault: string | null;
  /** What else is missing, without which it is written all the same. */
  readonly warnings: readonly string[];
};

async function look({ name, holds, options }: Place, openStore: OpenStore): Promise<Finding> {
  const store = await openStore(options, holds);
  const found = (fault: string | null, warnings: readonly string[] = []): Finding => {
    return { name, holds, location: store.location, guide: store.guide, fault, warnings };
  };
  try {
    const { slots } = await store.read();
    const warnings = await store.checkWritable();
    const fault = slots[holds] ? null : `holds no ${holds} secret: put a rotatable Paddle API key there`;
    return found(fault, warnings);
  } catch (error) {
    return found(describeError(error));
  }
}

function linesOf({ name, holds, location, guide, fault, warnings }: Finding): string[] {
  const reads =
    holds === "active"
      ? `applications read ${guide.applicationsRead}`
      : "a standby, which no application reads";
  return [
    ...(fault === null
      ? [`ok      ${name}: ${location}`, `        ${reads}`]
      : [`failed  ${name}: ${fault}`]),
    ...warnings.map((warning) => `warning ${name}: ${warning}`),
    ...(fault === null && warnings.length === 0 ? [] : needs(guide.needs)),
  ];
}

function needs(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ["        what the rotator needs there:", ...lines.map((line) => `          ${line}`)];
}

type Key = Config["keys"][number];

type Place = { readonly name: string; readonly holds: Slot; readonly options: Key["store"] };

function placesOf({ name, store, standby }: Key): Place[] {
  const own: Place = { name, holds: "active", options: store };
  return standby ? [own, { name: `${name}-standby`, holds: "standby", options: standby.store }] : [own];
}
