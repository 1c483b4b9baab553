/** What a key must be before it may take the place of another one, and what a person is told about it. */
import { describe, expect, it } from "vitest";
import type { ApiKey } from "../../../src/core/paddle-key.ts";
import { Secret } from "../../../src/core/secret.ts";
import { judgeCandidate, type Offer, OVERRIDABLE } from "../../../src/rotation/candidate.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY = 86_400_000;
const OLD_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
const NEW_ID = "apikey_01kbb1b2c3d4e5f6g7h8j9k0mn";

const secretOf = (keyId: string, place = "live") =>
  new Secret(`pdl_${place}_${keyId}_CaNaRyCaNaRyCaNaRyCaNa_k9Q`);

const OLD: ApiKey = {
  id: OLD_ID,
  name: "Billing worker",
  status: "revoked",
  rotatable: true,
  expiresAt: NOW - DAY,
  exposedAt: NOW - DAY,
  permissions: ["transaction.read", "customer.write"],
  lastUsedAt: null,
};
const NEW: ApiKey = {
  ...OLD,
  id: NEW_ID,
  status: "active",
  expiresAt: NOW + 90 * DAY,
  exposedAt: null,
};

type Given = Partial<Omit<Offer, "replaced">> & { replaced?: Partial<Offer["replaced"]> };

function judge({ replaced, ...given }: Given = {}) {
  const judgement = judgeCandidate({
    now: NOW,
    candidate: secretOf(NEW_ID),
    candidateKey: NEW,
    managedKeyIds: new Map([[OLD_ID, "billing"]]),
    ...given,
    replaced: { keyId: OLD_ID, environment: "live", key: OLD, ...replaced },
  });
  const { faults, notes } = judgement;
  expect(JSON.stringify(judgement)).not.toContain("CaNaRy");
  return { kinds: faults.map(({ kind }) => kind), says: faults.map(({ says }) => says).join("\n"), notes };
}

describe("a key offered as a replacement", () => {
  it("is taken without a word if it can do what the old one could, and rotate", () => {
    expect(judge()).toEqual({ kinds: [], says: "", notes: [] });
  });

  it.each([
    ["empty", ""],
    ["a legacy secret, which does not say what it is", "0123456789abcdef0123456789abcdef0123456789abcdef01"],
    ["cut short", secretOf(NEW_ID).reveal().slice(0, -1)],
    ["followed by a line break", `${secretOf(NEW_ID).reveal()}\n`],
    ["a notification secret", "pdl_ntfset_01kad0000000000000000000d1_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY"],
  ])("is refused for its format if it is %s", (_what, text) => {
    expect(judge({ candidate: new Secret(text) }).kinds).toEqual(["format"]);
  });

  it("is refused if it is of the other environment, once and not for being refused there too", () => {
    const sandbox = { candidate: secretOf(NEW_ID, "sdbx") };
    const { kinds, says } = judge({ ...sandbox, candidateKey: "refused" });
    expect(kinds).toEqual(["environment"]);
    expect(says).toContain("sandbox key");
    expect(judge(sandbox).kinds).toEqual(["environment"]);
  });

  it("is refused if Paddle refuses it", () => {
    const { kinds, says } = judge({ candidateKey: "refused" });
    expect(kinds).toEqual(["refused"]);
    expect(says).toContain(NEW_ID);
  });

  it("is refused if it is the very key that it is to replace, dead or alive", () => {
    const candidate = secretOf(OLD_ID);
    expect(judge({ candidate, candidateKey: "refused" }).kinds).toEqual(["same-key", "refused"]);
    expect(judge({ candidate, candidateKey: { ...NEW, id: OLD_ID } }).kinds).toEqual(["same-key"]);
  });

  it("is refused if it is managed under another name, which is said", () => {
    const { kinds, says } = judge({ managedKeyIds: new Map([[NEW_ID, "reports"]]) });
    expect(kinds).toEqual(["already-managed"]);
    expect(says).toContain("reports");
  });

  it("is refused if it was found in public, whatever it has been since", () => {
    const { kinds, says } = judge({ candidateKey: { ...NEW, exposedAt: NOW } });
    expect(kinds).toEqual(["exposed"]);
    expect(says).toContain("2026-11-21T00:00:00.000Z");
  });

  it.each(["expired", "revoked"] as const)("is refused if it is %s", (status) => {
    expect(judge({ candidateKey: { ...NEW, status } }).kinds).toEqual(["not-active"]);
  });

  it("is told of every fault at once", () => {
    const candidateKey: ApiKey = { ...NEW, status: "revoked", exposedAt: NOW, permissions: [] };
    const offer = { candidate: secretOf(NEW_ID, "sdbx"), managedKeyIds: new Map([[NEW_ID, "reports"]]) };
    expect(judge({ ...offer, candidateKey }).kinds).toEqual([
      "environment",
      "already-managed",
      "exposed",
      "not-active",
      "missing-permissions",
    ]);
  });
});

describe("the permissions of the replacement", () => {
  const judgeWith = (permissions: string[] | null) => judge({ candidateKey: { ...NEW, permissions } });

  it.each([
    ["the same", ["customer.write", "transaction.read"]],
    ["more", ["customer.write", "transaction.read", "price.read"]],
    ["write where read is needed", ["customer.write", "transaction.write"]],
  ])("suffice if they are %s", (_what, permissions) => {
    expect(judgeWith(permissions)).toEqual({ kinds: [], says: "", notes: [] });
  });

  it.each([
    ["none", [], "transaction.read, customer.write"],
    ["only read where write is needed", ["transaction.read", "customer.read"], "customer.write"],
    ["of another entity", ["transaction.read", "customers.write"], "customer.write"],
  ])("are named where they are missing: %s", (_what, permissions, missing) => {
    const { kinds, says } = judgeWith(permissions);
    expect(kinds).toEqual(["missing-permissions"]);
    expect(says).toContain(`may do: ${missing}.`);
  });

  it("are the only fault that a person may override", () => {
    expect(OVERRIDABLE).toEqual(["missing-permissions"]);
  });

  it("are all there are if Paddle lists none, which is noted", () => {
    const { kinds, notes } = judgeWith(null);
    expect(kinds).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("may do everything")]);
  });

  it.each([
    ["the old key could not be read", null, "could not be read"],
    ["the old key could do everything", { ...OLD, permissions: null }, "not known what is needed"],
  ])("cannot be checked if %s, which is said", (_what, key, note) => {
    expect(judge({ replaced: { key } })).toEqual({
      kinds: [],
      says: "",
      notes: [expect.stringContaining(note)],
    });
  });
});

describe("what is unwise about a replacement", () => {
  it.each<[string, Partial<ApiKey>, string]>([
    ["it can never rotate itself", { rotatable: false }, "created without rotation"],
    ["it never expires", { expiresAt: null }, "never expires"],
    ["it expires in 14 days", { expiresAt: NOW + 14 * DAY }, "expires at 2026-12-05T00:00:00.000Z"],
    ["its status is new to us", { status: "unknown" }, "does not know"],
  ])("is noted and no fault: %s", (_what, known, note) => {
    expect(judge({ candidateKey: { ...NEW, ...known } })).toEqual({
      kinds: [],
      says: "",
      notes: [expect.stringContaining(note)],
    });
  });

  it("is not that it expires a millisecond after 14 days", () => {
    expect(judge({ candidateKey: { ...NEW, expiresAt: NOW + 14 * DAY + 1 } }).notes).toEqual([]);
  });
});
