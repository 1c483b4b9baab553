/** What an operator is shown of a key, from its slots. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS, type Slots } from "../../../src/core/slots.ts";
import { type KeyState, viewAnswer, viewKey, viewUnreachable } from "../../../src/overview/key-view.ts";
import {
  ACTIVE,
  CANARY,
  KEY_ID,
  keyWith,
  LEGACY,
  NOW,
  OLD,
  PENDING,
  STANDBY,
  STEADY,
} from "../../support/admin/keys.ts";

const inGrace: Slots = { ...STEADY, old: OLD };
const full: Slots = { active: ACTIVE, old: OLD, pending: PENDING, standby: STANDBY, rolledBack: false };
const view = (slots: Slots, now = NOW) => viewKey(keyWith(slots), slots, now);

describe("the state of a key", () => {
  it.each<[KeyState, string, Slots]>([
    ["steady", "there is an active secret and nothing else", STEADY],
    ["steady", "a standby waits", { ...STEADY, standby: STANDBY }],
    ["pending", "a secret is staged", { ...STEADY, pending: PENDING }],
    ["pending", "a secret is staged while the former one lives", { ...inGrace, pending: PENDING }],
    ["in-grace", "the former secret lives", inGrace],
    [
      "in-grace",
      "nobody knows how long the former secret lives",
      { ...STEADY, old: { ...OLD, until: null } },
    ],
    ["rolled-back", "the former secret was put back", { ...inGrace, rolledBack: true }],
    ["rolled-back", "the former secret was put back over a staged one", { ...full, rolledBack: true }],
    ["legacy-key", "the active secret carries no key id", { ...EMPTY_SLOTS, active: LEGACY }],
    ["legacy-key", "the active secret carries no key id and a standby waits", { ...full, active: LEGACY }],
    ["no-active-secret", "the store is empty", EMPTY_SLOTS],
    ["no-active-secret", "there is everything but an active secret", { ...full, active: null }],
  ])("is %s when %s", (state, _when, slots) => {
    expect(view(slots)).toMatchObject({ state, explanation: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it("turns from in-grace to retiring at the millisecond in which the grace ends", () => {
    const until = NOW + 3_600_000;
    expect(view(inGrace, until - 1).state).toBe("in-grace");
    expect(view(inGrace, until).state).toBe("retiring");
  });

  it("names the end of the grace, before and after", () => {
    expect(view(inGrace).explanation).toContain("2026-11-21T13:00:00.000Z");
    expect(view(inGrace, NOW + 7_200_000).explanation).toContain("2026-11-21T13:00:00.000Z");
  });
});

describe("the view of a key", () => {
  it("shows where each secret comes from, with fingerprints in place of secrets", () => {
    expect(view(full)).toEqual({
      name: "billing",
      keyId: KEY_ID,
      location: "./secrets/billing.env (ACTIVE_PADDLE_KEY)",
      graceSeconds: 86_400,
      state: "pending",
      explanation: expect.any(String),
      active: {
        fingerprint: ACTIVE.secret.fingerprint(),
        rotationId: "apkrot_Active",
        issuedAt: "2026-11-21T11:00:00.000Z",
      },
      old: {
        fingerprint: OLD.secret.fingerprint(),
        rotationId: "apkrot_Old",
        issuedAt: "2026-11-21T11:00:00.000Z",
        until: "2026-11-21T13:00:00.000Z",
      },
      pending: {
        fingerprint: PENDING.secret.fingerprint(),
        rotationId: "apkrot_Pending",
        issuedAt: "2026-11-21T11:00:00.000Z",
        mode: "graceful",
        graceSeconds: 3_600,
      },
      standby: { fingerprint: STANDBY.secret.fingerprint(), rotationId: null, issuedAt: null },
    });
  });

  it("says null for what a legacy key does not tell", () => {
    const slots: Slots = { ...EMPTY_SLOTS, active: LEGACY };
    expect(view(slots)).toMatchObject({
      keyId: null,
      active: { rotationId: null, issuedAt: null },
      old: null,
    });
  });

  it("still names a key whose store is unreachable, and why it is", () => {
    expect(viewUnreachable(keyWith(STEADY), "The disk is gone.")).toMatchObject({
      name: "billing",
      location: "./secrets/billing.env (ACTIVE_PADDLE_KEY)",
      state: "store-unreachable",
      explanation: "The disk is gone.",
      active: null,
    });
  });

  it("never holds a secret", () => {
    for (const slots of [
      full,
      { ...full, rolledBack: true },
      { ...full, active: LEGACY },
      { ...full, active: null },
    ])
      expect(JSON.stringify(view(slots))).not.toContain(CANARY);
  });
});

describe("what Paddle says of a key", () => {
  const key = {
    id: KEY_ID,
    name: "Billing",
    status: "active",
    rotatable: true,
    permissions: null,
    lastUsedAt: null,
  } as const;

  it("is shown with its times in words that machines read too", () => {
    expect(viewAnswer({ ...key, expiresAt: NOW, exposedAt: NOW })).toEqual({
      answer: "accepted",
      status: "active",
      rotatable: true,
      expiresAt: "2026-11-21T12:00:00.000Z",
      exposedAt: "2026-11-21T12:00:00.000Z",
    });
  });

  it("says null for a key that never expires and was never exposed", () => {
    expect(viewAnswer({ ...key, expiresAt: null, exposedAt: null })).toMatchObject({
      expiresAt: null,
      exposedAt: null,
    });
  });
});
