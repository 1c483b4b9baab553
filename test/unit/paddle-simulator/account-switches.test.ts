/** What Paddle's documentation leaves open about the account, each switch in every position. */
import { describe, expect, it } from "vitest";
import { reactivate, revoke } from "../../support/paddle-simulator/account/dashboard.ts";
import { DAY, HOUR, openWorld, SECOND, START } from "./in-memory.ts";
import { gist } from "./parsed.ts";

function accountIn(callerAccount: "object" | "text"): unknown {
  const world = openWorld({ callerAccount });
  return world.call("GET", "/", { secret: world.createKey().current }).one["caller"];
}

function eventIn(eventNotificationId: "absent" | "null"): unknown {
  const world = openWorld({ eventNotificationId });
  const { current: secret } = world.createKey({ permissions: ["notification.read"] });
  return world.call("GET", "/events", { secret }).many[0];
}

describe("the switch", () => {
  it.each([
    [true, ["active", "revoked", "expired"]],
    [false, ["active"]],
  ])("listDeadKeys %s", (listDeadKeys, statuses) => {
    const world = openWorld({ listDeadKeys });
    const { current: secret } = world.createKey({ permissions: ["api_key.read"] });
    revoke(world.account, world.createKey().id, { by: "user" });
    world.createKey({ expiresAt: START + SECOND });
    world.clock.advance(SECOND);
    const { many } = world.call("GET", "/api-keys", { secret });
    expect(many.map((key) => key["status"])).toEqual(statuses);
  });

  it("callerAccount object or text", () => {
    expect(accountIn("object")).toMatchObject({ account: { id: expect.any(String) } });
    expect(accountIn("text")).toMatchObject({ account: expect.any(String) });
  });

  it.each([
    [false, "200"],
    [true, "403 authentication_missing"],
  ])("ipsNeedKey %s", (ipsNeedKey, expected) => {
    const world = openWorld({ ipsNeedKey });
    expect(gist(world.call("GET", "/ips"))).toBe(expected);
    expect(gist(world.call("GET", "/ips", { secret: world.createKey().current }))).toBe("200");
  });

  it("eventNotificationId absent or null", () => {
    expect(eventIn("absent")).not.toHaveProperty("notification_id");
    expect(eventIn("null")).toHaveProperty("notification_id", null);
  });

  it.each([
    [240, 429],
    [null, 200],
  ])("requestsPerMinute %s", (requestsPerMinute, status) => {
    const world = openWorld({ requestsPerMinute });
    for (let sent = 0; sent < 240; sent += 1) world.call("GET", "/");
    expect(world.call("GET", "/").status).toBe(status);
  });

  it.each([
    [false, 7 * DAY, []],
    [false, 7 * DAY + 1, ["api_key.expiring"]],
    [true, HOUR, ["api_key.expiring"]],
  ])("noticeForShortLives %s, for a key that lives %i ms", (noticeForShortLives, lifeMs, expected) => {
    const world = openWorld({ noticeForShortLives });
    world.createKey({ expiresAt: START + lifeMs });
    world.clock.advance(1);
    expect(world.happened().slice(1)).toEqual(expected);
  });

  it.each([
    [true, 2],
    [false, 1],
  ])("noticeAfterNewExpiry %s", (noticeAfterNewExpiry, notices) => {
    const world = openWorld({ noticeAfterNewExpiry });
    const { id, current } = world.createKey({ expiresAt: START + 10 * DAY });
    world.clock.advance(4 * DAY);
    const secret = world.rotate(id, current, 0, { new_key_expires_at: "2027-02-19T00:00:00Z" });
    world.call("GET", "/", { secret });
    world.clock.advance(200 * DAY);
    expect(world.happened().filter((type) => type === "api_key.expiring")).toHaveLength(notices);
  });

  it.each([
    [true, "api_key.updated"],
    [false, "api_key.revoked"],
  ])("reactivationEvent %s", (reactivationEvent, last) => {
    const world = openWorld({ reactivationEvent });
    const { id } = world.createKey();
    revoke(world.account, id, { by: "user" });
    reactivate(world.account, id);
    expect(world.happened().at(-1)).toBe(last);
  });
});
