/** What goes wrong in a day, and what people do on purpose: thrown with dice, the same for the same seed. */
import { Secret } from "../../src/core/secret.ts";
import { latestExposure, isExposureOpen } from "../../src/rotation/exposures.ts";
import { rememberAsked } from "../../src/rotation/rollback-record.ts";
import { judgeRollback } from "../../src/rotation/rollback.ts";
import { swapBack, unknownOrigin } from "../../src/core/slots.ts";
import type { JobName, Work } from "../../src/core/work.ts";
import { isAlive } from "../support/paddle-simulator/account/authenticate.ts";
import {
  expireNow,
  reactivate,
  revoke,
  warnExpiring,
} from "../support/paddle-simulator/account/dashboard.ts";
import { expose } from "../support/paddle-simulator/account/expose.ts";
import type { Neighbour, Site } from "./site.ts";
import { HOUR_MS, type SiteKey } from "./site-key.ts";

const MINUTE_MS = 60_000;
/** Shorter than any grace that is not 0: a store that cannot be written for longer may cost the applications their key. */
const SHORT_MS = 50 * MINUTE_MS;

export type Plan = { readonly at: number; readonly happen: (site: Site) => Promise<void> };

/** Of the whole day, in its order. */
export function accidentsOf(site: Site, dayMs: number): readonly Plan[] {
  const { random } = site;
  const at = () => site.now + Math.floor(random() * dayMs);
  const plans: Plan[] = [];
  for (const key of site.keys) {
    if (random() > 0.3) continue;
    const [first, dice] = [ONE_KEY[Math.floor(random() * ONE_KEY.length)], random()];
    if (first) plans.push({ at: at(), happen: (here) => strike(here, key, first, dice) });
  }
  if (random() < 0.5) {
    const [who, longest] = OUTAGES[Math.floor(random() * OUTAGES.length)] ?? ["paddle", 1_000];
    const ms = Math.floor(1_000 + random() ** 3 * longest);
    plans.push({ at: at(), happen: async (here) => here.fails(who, ms) });
  }
  if (random() < 0.15)
    plans.push({ at: at(), happen: async (here) => void (here.post.silentUntil = here.now + 6 * HOUR_MS) });
  for (let crashes = Math.floor(random() * 4); crashes > 0; crashes -= 1) plans.push(crashAt(at(), random));
  return plans.toSorted((a, b) => a.at - b.at);
}

const OUTAGES: readonly (readonly [Neighbour, number])[] = [
  ["paddle", 20 * HOUR_MS],
  ["server", 10 * HOUR_MS],
  ["records", SHORT_MS],
  ["ops", 30 * HOUR_MS],
  ["oncall", 30 * HOUR_MS],
];

function crashAt(at: number, random: () => number): Plan {
  const accident = (["dies before", "dies after", "loses the answer of"] as const)[Math.floor(random() * 3)];
  const left = Math.floor(random() * 60);
  return { at, happen: async (site) => void (site.doom = { accident: accident ?? "dies before", left }) };
}

type Strike = (site: Site, key: SiteKey, dice: number) => Promise<void> | void;

/** Paddle or the store may refuse, and then nothing happened. */
async function strike(site: Site, key: SiteKey, what: Strike, dice: number): Promise<void> {
  site.troubled(key);
  try {
    await what(site, key, dice);
  } catch {
    // Refused.
  }
}

const ONE_KEY: readonly Strike[] = [
  (_site, { account, activeKeyId }, dice) => expose(account, activeKeyId ?? "", { revoke: dice < 0.7 }),
  (_site, { account, activeKeyId }) => expireNow(account, activeKeyId ?? ""),
  (_site, { account, activeKeyId }) => warnExpiring(account, activeKeyId ?? ""),
  async (site, { account, activeKeyId }, dice) => {
    revoke(account, activeKeyId ?? "", { by: "user" });
    if (dice > 0.5) return;
    await site.passes(Math.floor(dice * 100 * MINUTE_MS));
    reactivate(account, activeKeyId ?? "");
  },
  (site, key, dice) => asks(site, key, "rotate", dice < 0.5 ? {} : { graceSeconds: 3600 }),
  (site, key) => asks(site, key, "revoke-first"),
  (site, key) => bringsKey(site, key),
  rollsBack,
  (site, key, dice) => {
    const until = site.now + Math.floor(dice * SHORT_MS);
    key.store.isDown = () => site.now < until;
    site.troubled(key, until - site.now);
  },
  async (site, key, dice) => {
    const answer = (does: boolean) => {
      for (const consumer of key.consumers) consumer.isReachable = does;
    };
    answer(false);
    site.troubled(key, 30 * HOUR_MS);
    await during(asks(site, key, "rotate"), site, dice * 2 * HOUR_MS, () => answer(true));
  },
  async (site, key, dice) => {
    const say = (state: "good" | "bad") => {
      for (const check of key.checks) check.state = state;
    };
    say("bad");
    site.troubled(key, HOUR_MS);
    await during(asks(site, key, "rotate"), site, dice * 40 * MINUTE_MS, () => say("good"));
  },
];

/** What is wrong lasts for a while, also where nothing could be asked for. */
async function during(asking: Promise<void>, site: Site, ms: number, mend: () => void): Promise<void> {
  try {
    await asking;
  } finally {
    await site.passes(Math.floor(ms));
    mend();
  }
}

let asked = 0;

async function asks(
  site: Site,
  { name, activeKeyId }: SiteKey,
  job: JobName,
  options: { readonly graceSeconds?: number } = {},
): Promise<void> {
  asked += 1;
  const intent = { id: `manual-${asked}`, kind: "manual", requestedAt: site.now } as const;
  if (activeKeyId === null) return;
  await site.put({
    job,
    keyName: name,
    keyId: activeKeyId,
    intent,
    eventId: null,
    ...options,
  } satisfies Work);
}

/** A person hands over another key: its secret goes into the standby slot, and a job puts it to use. */
export async function bringsKey(site: Site, key: SiteKey): Promise<void> {
  asked += 1;
  const id = `manual-${asked}`;
  const { slots, version } = await key.store.read();
  const secret = new Secret(key.newKey().current);
  const standby = { ...unknownOrigin(secret), issuedAt: site.now, intentId: id };
  if ((await key.store.write({ ...slots, standby }, version)) !== "written") return;
  const keyId = key.activeKeyId;
  const intent = { id, kind: "manual", requestedAt: site.now } as const;
  if (keyId !== null) await site.put({ job: "replace", keyName: key.name, keyId, intent, eventId: null });
}

/** As the desk does it. */
async function rollsBack(site: Site, { store, account, name }: SiteKey): Promise<void> {
  const { slots, version } = await store.read();
  const { active, old } = slots;
  if (!active || !old) return;
  const exposure = await latestExposure(
    site.records,
    site.account.owners.get(active.secret.reveal())?.id ?? "",
  );
  const answer = isAlive(account, old.secret.reveal()) ? "accepted" : "refused";
  const exposureOpen = isExposureOpen(exposure, slots);
  if (!("go" in judgeRollback({ slots, exposureOpen, old: answer, now: site.now }))) return;
  await rememberAsked(site.records, active, { askedBy: `somebody of ${name}`, at: site.now });
  await store.write(swapBack(slots), version);
}
