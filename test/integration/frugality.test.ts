/** What a thousand keys take of Paddle's rate limit, and what that costs an emergency among them. In compressed time. */
import { describe, expect, it } from "vitest";
import { type Fleet, openFleet } from "../support/fleet/fleet.ts";

const KEYS = 1_000;
const SHARE = 60;
const MINUTE_MS = 60_000;
/** 1.1 of what 4 calls for each key take at best: 73 minutes and 20 seconds. */
const LONGEST_MS = 1.1 * ((4 * KEYS) / SHARE) * MINUTE_MS;

describe("1,000 keys that are due at once, at 60 requests a minute", () => {
  it("are rotated with 4 calls each, within 1.1 of the time that this takes at best, and without a 429", async () => {
    await using fleet = await openFleet({ keys: KEYS, graceSeconds: 60, requestsPerMinute: SHARE });
    const { clock, paddle, keys, workers, alerts } = fleet;
    const startedAt = clock.now();
    for (const { id } of keys) paddle.warnExpiring(id);
    await fleet.runUntil(() => countRotated(fleet) === KEYS);

    expect(clock.now() - startedAt).toBeLessThanOrEqual(LONGEST_MS);
    expect(countRefusedForTheRate(fleet)).toBe(0);
    expect(paddle.requests.length).toBeLessThanOrEqual(4 * KEYS);
    expect(keys.filter(({ id }) => paddle.activatedRotations(id) !== 1)).toEqual([]);
    expect(keys.filter((key) => !isAtRest(fleet, key))).toEqual([]);
    expect(workers.errors).toEqual([]);
    expect(alerts).toEqual([]);
  });

  it("do not hold up an exposure among them: its secret is dead within a second", async () => {
    await using fleet = await openFleet({ keys: KEYS, graceSeconds: 60, requestsPerMinute: SHARE });
    const { clock, paddle, keys, workers, alerts } = fleet;
    const exposed = keys.at(-1);
    if (!exposed) throw new Error("there are no keys");
    for (const { id } of keys) paddle.warnExpiring(id);
    await fleet.runUntil(() => paddle.requests.length > 2 * KEYS);
    // Whatever is not kept for emergencies is used up, and every worker waits for its turn.
    const occurredAt = clock.now();
    expect(countSentSince(fleet, occurredAt - MINUTE_MS)).toBe(55);
    expect(paddle.isAlive(exposed.secret)).toBe(true);

    paddle.expose(exposed.id, { revoke: false });
    await fleet.runUntil(() => exposed.store.slots.active?.secret.reveal() !== exposed.secret);
    expect(paddle.isAlive(exposed.secret)).toBe(false);
    expect(clock.now() - occurredAt).toBeLessThanOrEqual(1_000);

    await fleet.runUntil(() => countRotated(fleet) === KEYS);
    expect(countRefusedForTheRate(fleet)).toBe(0);
    expect(keys.filter((key) => !isAtRest(fleet, key))).toEqual([]);
    expect(workers.errors).toEqual([]);
    const told = alerts.map(({ kind, keyId }) => ({ kind, keyId }));
    expect(told).toEqual([{ kind: "exposure-handled", keyId: exposed.id }]);
  });
});

function countRotated({ workers }: Fleet): number {
  return workers.jobs.filter(({ work, outcome }) => work.job === "rotate" && outcome?.kind === "done").length;
}

function countRefusedForTheRate({ paddle }: Fleet): number {
  return paddle.requests.filter(({ status }) => status === 429).length;
}

function countSentSince({ paddle }: Fleet, since: number): number {
  return paddle.requests.filter(({ at }) => at > since).length;
}

function isAtRest({ paddle }: Fleet, { store }: Fleet["keys"][number]): boolean {
  const { active, old, pending } = store.slots;
  return active !== null && paddle.isAlive(active.secret.reveal()) && old === null && pending === null;
}
