/** What Paddle's documentation leaves open about `new_key_expires_at`, each switch in every position. */
import { describe, expect, it } from "vitest";
import type { Switches } from "../../support/paddle-simulator/switches.ts";
import { DAY, openWorld, START } from "./in-memory.ts";
import { gist } from "./parsed.ts";

/** Rotates a fresh key to a new expiry. */
function post(switches: Partial<Switches>, newExpiry: string | null) {
  const world = openWorld(switches);
  const { id, current: secret } = world.createKey();
  const body = { grace_period_seconds: 0, new_key_expires_at: newExpiry };
  const answer = world.call("POST", `/api-keys/${id}/rotations`, { secret, body });
  const newKey = String(answer.one["new_key"]);
  return { world, id, newKey, gist: gist(answer), errors: answer.error["errors"] };
}

const inMs = (ms: number) => new Date(START + ms).toISOString();

describe("the switch", () => {
  it.each([
    ["accept", "201"],
    ["refuse", "400 bad_request"],
  ] as const)("newExpiry %s", (newExpiry, expected) => {
    const answer = post({ newExpiry }, inMs(DAY));
    expect(answer.gist).toBe(expected);
    if (newExpiry === "refuse") expect(answer.errors).toMatchObject([{ field: "new_key_expires_at" }]);
  });

  it.each([
    ["refuse", 1, "201"],
    ["refuse", 0, "400 bad_request"],
    ["accept", 0, "201"],
  ] as const)("newExpiryInPast %s, %i ms from now", (newExpiryInPast, ms, expected) => {
    expect(post({ newExpiryInPast }, inMs(ms)).gist).toBe(expected);
  });

  it("newExpiryNull refuse or clear", () => {
    expect(post({ newExpiryNull: "refuse" }, null).gist).toBe("400 bad_request");
    const { world, id, newKey } = post({ newExpiryNull: "clear" }, null);
    world.call("GET", "/", { secret: newKey });
    expect(world.key(id).expiresAt).toBeNull();
  });

  it.each([
    [null, 10_000 * DAY, "201"],
    [365 * DAY, 365 * DAY, "201"],
    [365 * DAY, 365 * DAY + 1, "400 bad_request"],
  ])("newExpiryMaxMs %s, %i ms from now", (newExpiryMaxMs, ms, expected) => {
    expect(post({ newExpiryMaxMs }, inMs(ms)).gist).toBe(expected);
  });
});
