/** One look at a key: its stores, and what the records know of what they hold. */
import { describe, expect, it } from "vitest";
import { lookOf, readHoldings, readNotes } from "../../../src/overview/key-look.ts";
import { onChange } from "../../../src/alerts/on-change.ts";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import {
  ACTIVE,
  KEY_ID,
  keyWith,
  NOW,
  OTHER_KEY_ID,
  STANDBY,
  STEADY,
  storeWith,
} from "../../support/admin/keys.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const SEEN = { at: NOW, status: "active", rotatable: true, expiresAt: null, exposedAt: null };
const FINGERPRINT = ACTIVE.secret.fingerprint();

async function lookAt(key: ManagedKey, records = memoryRecords()) {
  const holdings = await readHoldings(key, new FakeClock(NOW));
  return lookOf(holdings, await readNotes(key, holdings, records));
}

describe("a look at a key", () => {
  it("knows what the records know of the very key and secret that its store holds", async () => {
    const records = memoryRecords();
    await records.append(`seen-key-${OTHER_KEY_ID}`, { ...SEEN, status: "revoked" });
    await records.append(`seen-key-${KEY_ID}`, SEEN);
    await records.putIfAbsent("first-seen", FINGERPRINT, NOW - 1_000);
    const progress = { fingerprint: FINGERPRINT, startedAt: NOW, changedAt: NOW, consumers: [] };
    await records.append("switch-over-progress-billing", progress);
    expect(await lookAt(keyWith(STEADY), records)).toEqual({
      slots: STEADY,
      paddle: SEEN,
      firstSeenAt: NOW - 1_000,
      progress,
      standby: { secret: null, fault: null },
      at: NOW,
    });
  });

  it("knows nothing where the records know nothing", async () => {
    expect(await lookAt(keyWith(STEADY))).toMatchObject({
      paddle: null,
      firstSeenAt: undefined,
      progress: null,
    });
  });

  it("tells nothing of another secret than the active one", async () => {
    const records = memoryRecords();
    await records.append(`seen-key-${KEY_ID}`, SEEN);
    const key = keyWith(STEADY);
    const notes = await readNotes(key, await readHoldings(key, new FakeClock()), records);
    const later = { slots: { ...STEADY, active: STANDBY }, standby: null, at: NOW };
    expect(lookOf(later, notes).paddle).toBeNull();
  });

  it("passes over what is remembered in a way that this release does not know", async () => {
    const records = memoryRecords();
    await records.append(`seen-key-${KEY_ID}`, { ...SEEN, status: "sleeping" });
    await records.putIfAbsent("first-seen", FINGERPRINT, "yesterday");
    await records.append("switch-over-progress-billing", "half");
    await records.append("seen-standby-billing", { state: { fault: { is: "haunted" } } });
    expect(await lookAt(keyWith({ ...STEADY, standby: STANDBY }), records)).toMatchObject({
      paddle: null,
      firstSeenAt: undefined,
      progress: null,
      standby: { fault: null },
    });
  });
});

describe("a look at a standby", () => {
  const refused = (fingerprint: string) => ({ fingerprint, fault: { is: "refused" } });

  async function standbyOf(key: ManagedKey, state?: ReturnType<typeof refused>) {
    const records = memoryRecords();
    if (state) await onChange(records, "standby-billing", state, async () => {});
    return (await lookAt(key, records)).standby;
  }

  it("finds it in the key's own store, or in a store of its own", async () => {
    const elsewhere = { ...keyWith(STEADY), standbyStore: storeWith({ ...STEADY, standby: STANDBY }) };
    for (const key of [keyWith({ ...STEADY, standby: STANDBY }), elsewhere])
      expect(await standbyOf(key)).toEqual({ secret: STANDBY, fault: null });
    const empty = { ...keyWith({ ...STEADY, standby: STANDBY }), standbyStore: storeWith(STEADY) };
    expect(await standbyOf(empty)).toEqual({ secret: null, fault: null });
  });

  it("tells what the sweep found wrong with this very standby", async () => {
    const key = keyWith({ ...STEADY, standby: STANDBY });
    expect((await standbyOf(key, refused(STANDBY.secret.fingerprint()))).fault).toBe(
      "is dead: Paddle refuses it",
    );
    expect((await standbyOf(key, refused(FINGERPRINT))).fault).toBeNull();
  });

  it("reads both stores at once, so that two that are silent cost 3 s together", async () => {
    const clock = new FakeClock();
    const key = { ...keyWith("silent"), standbyStore: storeWith("silent") };
    const reading = readHoldings(key, clock);
    await clock.advance(3_000);
    const late = "./secrets/billing.env (ACTIVE_PADDLE_KEY) did not answer within 3 s";
    expect(await reading).toMatchObject({ slots: late, standby: late });
    expect(clock.sleeping).toBe(0);
  });
});
