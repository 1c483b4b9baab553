/** `check`: reads the configuration and looks at every store and consumer. The service need not run. */
import type { Config } from "../config/config.ts";
import type { Leases, SecretStore } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Secret } from "../core/secret.ts";
import type { Answer } from "./answer.ts";
import { linesOfConsumer, lookAtConsumers, type OpenConsumer } from "./check-consumers.ts";

/** What a store is for. */
type Slot = "active" | "standby";

/** Opens a store that is only looked at. @param holds which of a key's secrets it is there for */
export type OpenStore = (options: Config["keys"][number]["store"], holds: Slot) => Promise<SecretStore>;

/** For stores that are only looked at. */
export const NO_LEASES: Leases = { take: async () => false, giveBack: async () => {} };

/** For consumers that are only looked at: no service remembers anything for them. */
export const NOTHING_KEPT = {
  records: { get: async () => undefined, putIfAbsent: async () => true },
  attestations: {
    take: async () => "full" as const,
    of: async () => ({ attestations: [], complete: true }),
  },
};

export async function check(
  config: Config,
  openStore: OpenStore,
  openConsumer: OpenConsumer,
): Promise<Answer> {
  const looks = await Promise.all(config.keys.flatMap(placesOf).map((place) => look(place, openStore)));
  const findings = looks.map(({ finding }) => finding);
  const consumers = await Promise.all(
    config.keys.map((key) => {
      const own = looks.find(({ finding }) => finding.name === key.name && finding.holds === "active");
      return lookAtConsumers(key, own?.secret ?? null, openConsumer);
    }),
  ).then((found) => found.flat());
  const ok = [...findings, ...consumers].every(({ fault }) => fault === null);
  const lines = [...findings.flatMap(linesOf), ...consumers.flatMap(linesOfConsumer)];
  return {
    ok,
    text: ["ok      configuration", ...lines].join("\n"),
    json: { ok, keys: findings, consumers },
  };
}

type Finding = Pick<SecretStore, "location" | "guide"> & {
  readonly name: string;
  readonly holds: Slot;
  /** null: it can be read and written, and holds what it should. */
  readonly fault: string | null;
  /** What else is missing, without which it is written all the same. */
  readonly warnings: readonly string[];
};

type Look = { readonly finding: Finding; readonly secret: Secret | null };

async function look({ name, holds, options }: Place, openStore: OpenStore): Promise<Look> {
  const store = await openStore(options, holds);
  const found = (fault: string | null, warnings: readonly string[] = []): Finding => {
    return { name, holds, location: store.location, guide: store.guide, fault, warnings };
  };
  try {
    const secret = (await store.read()).slots[holds]?.secret ?? null;
    const warnings = await store.checkWritable();
    const fault = secret ? null : `holds no ${holds} secret: put a rotatable Paddle API key there`;
    return { finding: found(fault, warnings), secret };
  } catch (error) {
    return { finding: found(describeError(error)), secret: null };
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
