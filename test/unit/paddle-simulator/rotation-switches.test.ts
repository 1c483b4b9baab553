/** What Paddle's documentation leaves open about rotations, each switch in every position. */
import { describe, expect, it } from "vitest";
import { isAlive } from "../../support/paddle-simulator/account/authenticate.ts";
import type { Switches } from "../../support/paddle-simulator/switches.ts";
import { DAY, openWorld, START } from "./in-memory.ts";
import { gist } from "./parsed.ts";

/** A key with one completed and one pending rotation. */
function rotated(switches: Partial<Switches>) {
  const world = openWorld(switches);
  const { id, current: first } = world.createKey();
  const second = world.rotate(id, first, 3600);
  world.call("GET", "/", { secret: second });
  const third = world.rotate(id, second, 3600);
  const [completed, pending] = world.key(id).rotations.map((rotation) => rotation.id);
  const path = `/api-keys/${id}/rotations`;
  const get = (rotationId: string | undefined) =>
    world.call("GET", `${path}/${rotationId}`, { secret: second }).one;
  const list = () => world.call("GET", path, { secret: second }).many;
  return { world, id, first, second, third, path, list, completed: get(completed), pending: get(pending) };
}

function shown(secret: string, isMasked: boolean): string {
  return isMasked ? `${secret.slice(0, 26)}****` : secret;
}

describe("the switch", () => {
  it.each([200, 201] as const)("createStatus %i is the status of a new rotation", (createStatus) => {
    const world = openWorld({ createStatus });
    const { id, current: secret } = world.createKey();
    const body = { grace_period_seconds: 0 };
    expect(world.call("POST", `/api-keys/${id}/rotations`, { secret, body }).status).toBe(createStatus);
  });

  it.each([
    ["always", false, false],
    ["while-pending", true, false],
    ["never", true, true],
  ] as const)("newKeyOnGet %s", (newKeyOnGet, masksCompleted, masksPending) => {
    const { completed, pending, second, third, list } = rotated({ newKeyOnGet });
    const expected = [shown(second, masksCompleted), shown(third, masksPending)];
    expect([completed["new_key"], pending["new_key"]]).toEqual(expected);
    expect(list().map((rotation) => rotation["new_key"])).toEqual(expected);
  });

  it.each([true, false])("newKeyInList %s", (newKeyInList) => {
    const { list, pending } = rotated({ newKeyInList });
    expect(list().map((rotation) => "new_key" in rotation)).toEqual([newKeyInList, newKeyInList]);
    expect(pending).toHaveProperty("new_key");
  });

  it.each([
    ["asc", ["completed", "pending"]],
    ["desc", ["pending", "completed"]],
  ] as const)("rotationListOrder %s", (rotationListOrder, order) => {
    expect(
      rotated({ rotationListOrder })
        .list()
        .map((rotation) => rotation["status"]),
    ).toEqual(order);
  });

  it.each([true, false])("rotationTimes %s", (rotationTimes) => {
    const { completed, world } = rotated({ rotationTimes });
    expect("created_at" in completed && "updated_at" in completed).toBe(rotationTimes);
    expect("created_at" in (world.account.events.at(-1)?.data ?? {})).toBe(rotationTimes);
  });

  it.each([true, false])("rotationEchoesNewExpiry %s", (rotationEchoesNewExpiry) => {
    const world = openWorld({ rotationEchoesNewExpiry });
    const { id, current } = world.createKey();
    world.rotate(id, current, 0, { new_key_expires_at: "2027-02-19T00:00:00Z" });
    const { many } = world.call("GET", `/api-keys/${id}/rotations`, { secret: current });
    const expected = rotationEchoesNewExpiry ? "2027-02-19T00:00:00Z" : undefined;
    expect(many[0]?.["new_key_expires_at"]).toBe(expected);
  });

  it.each([
    ["null", true],
    ["absent", false],
  ] as const)("pendingExpiresAt %s", (pendingExpiresAt, isThere) => {
    const { pending, completed } = rotated({ pendingExpiresAt });
    expect("expires_at" in pending).toBe(isThere);
    expect(completed["expires_at"]).toBe("2026-11-21T02:00:00.000000Z");
  });

  it("pendingTtlMs null keeps a rotation pending for good", () => {
    const world = openWorld({ pendingTtlMs: null });
    const { id, current } = world.createKey({ expiresAt: null });
    const secret = world.rotate(id, current);
    world.clock.advance(1000 * DAY);
    expect(isAlive(world.account, secret)).toBe(true);
  });

  it("pendingTtlMs cancels an unused rotation to the millisecond", () => {
    const world = openWorld({ pendingTtlMs: DAY });
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current);
    world.clock.advance(DAY - 1);
    expect(isAlive(world.account, secret)).toBe(true);
    world.clock.advance(1);
    expect(isAlive(world.account, secret)).toBe(false);
    expect(world.happened().at(-1)).toBe("api_key_rotation.updated canceled");
    expect(world.account.events.at(-1)?.occurredAt).toBe(START + DAY);
  });

  it.each([
    ["stack", true, true],
    ["end-at-completion", true, false],
    ["end-at-post", false, false],
  ] as const)("oldSecrets %s", (oldSecrets, afterPost, afterCompletion) => {
    const { world, first, second, third } = rotated({ oldSecrets });
    expect(isAlive(world.account, first)).toBe(afterPost);
    world.call("GET", "/", { secret: third });
    expect(isAlive(world.account, first)).toBe(afterCompletion);
    expect(isAlive(world.account, second)).toBe(true);
  });

  it.each([
    ["refused", false],
    ["accepted", true],
  ] as const)("canceledSecret %s", (canceledSecret, isAccepted) => {
    const { world, id, first, second, third } = rotated({ canceledSecret });
    world.rotate(id, second);
    expect(isAlive(world.account, third)).toBe(isAccepted);
    expect(gist(world.call("GET", "/", { secret: third }))).toBe(isAccepted ? "200" : "403 invalid_token");
    expect(world.key(id).rotations.map(({ status }) => status)).toEqual(["completed", "canceled", "pending"]);
    expect(world.key(id).current).toBe(second);
    world.clock.advance(DAY);
    expect(isAlive(world.account, first), "past its grace, never canceled").toBe(false);
  });

  it.each([
    ["forbidden", "403 forbidden"],
    ["not_found", "404 not_found"],
    ["bad_request", "400 bad_request"],
  ] as const)("otherKeyRotation %s", (otherKeyRotation, expected) => {
    const world = openWorld({ otherKeyRotation });
    const { id } = world.createKey();
    const { current: secret } = world.createKey();
    const body = { grace_period_seconds: 0 };
    expect(gist(world.call("POST", `/api-keys/${id}/rotations`, { secret, body }))).toBe(expected);
  });
});
