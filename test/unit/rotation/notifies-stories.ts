/** What goes wrong, one thing after the other, and how people answer what they are told. */
import * as fc from "fast-check";
import { activeKeyId, keyIdOf } from "../../../src/core/slots.ts";
import { findKey } from "../../support/paddle-simulator/account/account.ts";
import {
  expireNow,
  reactivate,
  revoke,
  warnExpiring,
} from "../../support/paddle-simulator/account/dashboard.ts";
import { expose } from "../../support/paddle-simulator/account/expose.ts";
import { rotateAsThief } from "../../support/paddle-simulator/account/thief.ts";
import { DAY_MS, HOUR_MS, type WorldOptions } from "../../support/engine/world.ts";
import { NEIGHBOURS, NotifiesWorld } from "./notifies-world.ts";

const MINUTE_MS = 60_000;

const ACTS = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant("fails" as const),
      who: fc.constantFrom(...NEIGHBOURS),
      ms: fc.constantFrom(1_000, MINUTE_MS, 20 * MINUTE_MS, 3 * HOUR_MS, 30 * HOUR_MS),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant("time" as const),
      ms: fc.constantFrom(1_000, MINUTE_MS, 31 * MINUTE_MS, 3 * HOUR_MS, 26 * HOUR_MS),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom(
        "exposed",
        "exposed and revoked",
        "revoked",
        "reactivated",
        "expired",
        "warned",
        "robbed",
        "asked",
        "rolled back",
        "deaf",
      ),
    }),
  },
);
export type NotifiesAct = typeof ACTS extends fc.Arbitrary<infer Act> ? Act : never;

const OPTIONS: fc.Arbitrary<WorldOptions> = fc.record({
  key: fc.record({
    permissions: fc.constantFrom(["transaction.read"], ["api_key.read", "transaction.read"]),
    rotatable: fc.constantFrom(true, true, true, false),
  }),
  policy: fc.record({
    graceSeconds: fc.constantFrom(0, 3600, 86_400),
    foreignRotation: fc.constantFrom("alert" as const, "counter" as const),
  }),
});
const WITH_STANDBY: fc.Arbitrary<WorldOptions> = fc
  .tuple(OPTIONS, fc.constantFrom("same-store" as const, "elsewhere" as const))
  .map(([options, standby]) => ({ ...options, standby }));

export const STORIES = fc.record({
  options: fc.oneof(OPTIONS, WITH_STANDBY),
  acts: fc.array(ACTS, { minLength: 1, maxLength: 8 }),
});
export type NotifiesStory = typeof STORIES extends fc.Arbitrary<infer Story> ? Story : never;

/** Stories in which somebody was not told once. */
export const FORMER_FAULTS: readonly NotifiesStory[] = [
  {
    // The one word about a failing job was lost, because the records failed as well.
    options: { key: { rotatable: true }, policy: { graceSeconds: 0, foreignRotation: "alert" } },
    acts: [
      { act: "asked" },
      { act: "fails", who: "records", ms: 20 * MINUTE_MS },
      { act: "fails", who: "store", ms: 30 * HOUR_MS },
    ],
  },
  {
    // Two incidents had one all-clear: people were asked to end the former key, and then it leaked.
    options: {
      key: { permissions: ["transaction.read"], rotatable: false },
      policy: { graceSeconds: 0, foreignRotation: "alert" },
      standby: "same-store",
    },
    acts: [{ act: "exposed" }],
  },
  {
    // A secret in no slot was an incident that nobody could end.
    options: { policy: { graceSeconds: 86_400, foreignRotation: "alert" }, standby: "same-store" },
    acts: [{ act: "exposed" }, { act: "robbed" }],
  },
  {
    // Who lagged was forgotten when another secret came into use.
    options: { policy: { graceSeconds: 3_600, foreignRotation: "alert" } },
    acts: [
      { act: "fails", who: "consumer", ms: 30 * HOUR_MS },
      { act: "exposed" },
      { act: "fails", who: "store", ms: 1_000 },
    ],
  },
  {
    // Likewise a check.
    options: { policy: { graceSeconds: 86_400, foreignRotation: "alert" } },
    acts: [
      { act: "fails", who: "check", ms: 30 * HOUR_MS },
      { act: "asked" },
      { act: "time", ms: 26 * HOUR_MS },
      { act: "exposed" },
    ],
  },
];

/** Tells the story. In the end all neighbours work, and people do what they are told to, until nothing is left. */
export async function tell({ options, acts }: NotifiesStory): Promise<NotifiesWorld> {
  const told = new NotifiesWorld(options);
  // The service runs, and all is well.
  await told.passes(HOUR_MS);
  for (const act of acts) {
    await happens(act, told);
    await told.passes(1_000);
  }
  await told.passes(told.allWorkAt - told.now);
  for (let day = 0; day < 6; day += 1) {
    await obeys(told);
    await told.passes(DAY_MS);
  }
  return told;
}

async function happens(what: NotifiesAct, told: NotifiesWorld): Promise<void> {
  if (what.act === "fails") return told.fails(what.who, what.ms);
  if (what.act === "time") return told.passes(what.ms);
  const { account, activeKeyId: keyId, jobs, store } = told.world;
  try {
    switch (what.act) {
      case "exposed":
        return expose(account, keyId, { revoke: false });
      case "exposed and revoked":
        return expose(account, keyId, { revoke: true });
      case "revoked":
        return revoke(account, keyId, { by: "user" });
      case "reactivated":
        return reactivate(account, keyId);
      case "expired":
        return expireNow(account, keyId);
      case "warned":
        return warnExpiring(account, keyId);
      case "robbed":
        rotateAsThief(account, store.slots.active?.secret.reveal() ?? "", {
          activate: true,
          graceSeconds: 3600,
        });
        return undefined;
      case "asked":
        jobs.add(await told.world.asksForRotation());
        return undefined;
      case "rolled back":
        await told.world.rollsBack("somebody");
        return undefined;
      case "deaf":
        return told.ignoresNews(30 * HOUR_MS);
      default:
        what satisfies never;
    }
  } catch {
    // Paddle or the store refused, and nothing happened.
  }
}

/** People revoke former keys, reload what lags, and bring another key where the key is dead or another's. */
async function obeys(told: NotifiesWorld): Promise<void> {
  const { world } = told;
  const { account, store, alerts, jobs } = world;
  const { active, old } = store.slots;
  const formerId = old && keyIdOf(old);
  const isAsked = alerts.some(({ kind, keyId }) => kind === "former-key-lives" && keyId === formerId);
  if (formerId !== null && formerId !== activeKeyId(store.slots) && isAsked) {
    if (findKey(account, formerId).status === "active") revoke(account, formerId, { by: "user" });
  }
  const keyId = activeKeyId(store.slots);
  const isTaken = alerts.some(({ kind, keyId: of }) => /^(takeover|foreign)/.test(kind) && of === keyId);
  const isLost = active !== null && (!world.isAlive(active.secret) || isTaken);
  if (!isLost || keyId === null) return;
  if (findKey(account, keyId).status === "active") revoke(account, keyId, { by: "user" });
  for (const work of told.outside.news()) told.outside.accept(work);
  jobs.add(await world.bringsKey({ permissions: ["api_key.read", "transaction.read"] }));
}
