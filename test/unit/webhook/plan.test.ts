import { describe, expect, it } from "vitest";
import type { Event } from "../../../src/webhook/events.ts";
import { plan } from "../../../src/webhook/plan.ts";

const head = { id: "evt_01kac0000000000000000000a1", occurredAt: 1_763_700_000_000 };
const keyId = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
const names = new Map([[keyId, "billing-worker"]]);
const expiresAt = 1_764_547_200_000;

function queued(job: string, kind: string, more: object = {}) {
  const intent = { id: head.id, kind, requestedAt: head.occurredAt };
  const work = { job, keyName: "billing-worker", keyId, intent, eventId: head.id, ...more };
  return { do: "queue", work, delayMs: job === "inspect" ? 5_000 : 0 };
}

describe("what an event asks for", () => {
  it("rotates an expiring key and passes on the expiry that the event warned of", () => {
    const event: Event = {
      ...head,
      kind: "key",
      type: "api_key.expiring",
      keyId,
      keyExpiresAt: expiresAt,
      keyExposedAt: null,
    };
    expect(plan(event, names)).toEqual(queued("rotate", "expiring", { keyExpiresAt: expiresAt }));
  });

  it("rotates an expiring key even if the event does not say when it expires", () => {
    const event: Event = {
      ...head,
      kind: "key",
      type: "api_key.expiring",
      keyId,
      keyExpiresAt: null,
      keyExposedAt: null,
    };
    expect(plan(event, names)).toEqual(queued("rotate", "expiring", { keyExpiresAt: null }));
  });

  it("revokes an exposed key first", () => {
    const event: Event = { ...head, kind: "exposure", type: "api_key_exposure.created", keyId };
    expect(plan(event, names)).toEqual(queued("revoke-first", "exposed"));
  });

  it.each([
    ["api_key.expired", "expired"],
    ["api_key.revoked", "revoked"],
  ] as const)("replaces a key after %s", (type, kind) => {
    const event: Event = { ...head, kind: "key", type, keyId, keyExpiresAt: expiresAt, keyExposedAt: null };
    expect(plan(event, names)).toEqual(queued("replace", kind));
  });

  it("passes on that a revoked key had been found in public", () => {
    const keyExposedAt = head.occurredAt - 1_000;
    const event = { ...head, kind: "key", keyId, keyExpiresAt: expiresAt, keyExposedAt } as const;
    expect(plan({ ...event, type: "api_key.revoked" }, names)).toEqual(
      queued("replace", "revoked", { keyExposedAt }),
    );
    expect(plan({ ...event, type: "api_key.expired" }, names)).toEqual(queued("replace", "expired"));
  });

  it("queues work for a key that no configuration names, so that a person hears of it", () => {
    const event: Event = { ...head, kind: "exposure", type: "api_key_exposure.created", keyId };
    expect(plan(event, new Map())).toMatchObject({ do: "queue", work: { keyId, keyName: null } });
  });

  it.each(["created", "updated"] as const)("looks into a key that was %s", (what) => {
    const event: Event = {
      ...head,
      kind: "key",
      type: `api_key.${what}`,
      keyId,
      keyExpiresAt: null,
      keyExposedAt: null,
    };
    expect(plan(event, names)).toEqual(
      queued("inspect", "resume", { inspected: { what: "key", event: what } }),
    );
  });

  it.each(["api_key_rotation.created", "api_key_rotation.updated"] as const)(
    "looks a little later whether %s was ours",
    (type) => {
      const event: Event = { ...head, kind: "rotation", type, keyId, rotationId: "apkrot_1" };
      expect(plan(event, names)).toEqual(
        queued("inspect", "foreign-rotation", { inspected: { what: "rotation", rotationId: "apkrot_1" } }),
      );
    },
  );

  it.each([
    ["transaction.completed", "not-about-a-key"],
    ["api_key.reactivated", "unknown-key-event"],
    ["api_key_audit.created", "unknown-key-event"],
  ])("ignores %s and says why: %s", (type, because) => {
    expect(plan({ ...head, kind: "other", type }, names)).toEqual({ do: "ignore", because });
  });
});
