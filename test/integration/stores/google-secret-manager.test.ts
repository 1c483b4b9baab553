/** What becomes of the versions of both secrets at Google, and what the rotator makes of Google's ways. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { EMPTY_SLOTS, promote, retire, type Slots, stage, swapBack } from "../../../src/core/slots.ts";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { issued, issuedByUs, pending, plain, put, secretText } from "../../contract/secret-store-samples.ts";
import {
  APPLICATION,
  GoogleSecretManagerPlace,
  WORKBENCH,
} from "../../support/stores/google-secret-manager-place.ts";
import { Refused } from "../../support/stores/google-secrets.ts";

const first: Slots = { ...EMPTY_SLOTS, active: issuedByUs("first") };
const staged = stage(first, pending("second"));
const promoted = promote(staged, { slot: "active", until: 5 });

const open = (beside?: Readonly<Record<string, string>>) => GoogleSecretManagerPlace.open(beside);

describe("a rotation at Google", () => {
  it("shows applications the new secret only when it is promoted, and the old one until it is retired", async () => {
    await using place = await open();
    const { secrets } = place.google;
    const store = place.store();
    await put(store, first);
    await put(store, staged);
    expect(secrets.readable(APPLICATION)).toEqual({ 1: secretText("first") });
    await put(store, promoted);
    expect(secrets.readable(APPLICATION)).toEqual({ 1: secretText("first"), 2: secretText("second") });
    expect(secrets.find(APPLICATION).aliases).toEqual({ old: "1" });
    await put(store, retire(promoted));
    expect(secrets.readable(APPLICATION)).toEqual({ 2: secretText("second") });
    expect(secrets.find(APPLICATION).aliases).toEqual({});
    const left = Object.values(secrets.readable(WORKBENCH));
    expect(left).toHaveLength(1);
    expect(left.join()).not.toContain("first");
  });

  it("destroys nothing", async () => {
    await using place = await open();
    for (const slots of [first, staged, promoted, retire(promoted)]) await put(place.store(), slots);
    for (const { versions } of place.google.secrets.all.values())
      expect(versions.map(({ state }) => state)).not.toContain("DESTROYED");
    expect(place.google.calls.join()).not.toMatch(/destroy|delete/);
  });

  it("gives the older secret back as a new version at a rollback", async () => {
    await using place = await open();
    for (const slots of [first, staged, promoted, swapBack(promoted)]) await put(place.store(), slots);
    const { secrets } = place.google;
    expect(secrets.readable(APPLICATION)).toMatchObject({ 3: secretText("first") });
    expect(secrets.find(APPLICATION).aliases).toEqual({ old: "2" });
    expect(plain((await place.store().read()).slots)).toEqual(plain(swapBack(promoted)));
  });

  it("leaves people's aliases alone, and gives way when they change one at the same moment", async () => {
    await using place = await open();
    const secret = place.google.secrets.find(APPLICATION);
    await put(place.store(), first);
    secret.aliases = { pinned: "1" };
    let edits = 1;
    place.google.onCall = (call) => {
      if (!call.startsWith("secretmanager.secrets.update") || edits-- <= 0) return;
      secret.aliases = { pinned: "1", canary: "1" };
      secret.revision += 1;
    };
    await put(place.store(), staged);
    await put(place.store(), promoted);
    expect(secret.aliases).toEqual({ pinned: "1", canary: "1", old: "1" });
  });

  it("takes a key that was added with a line end behind it", async () => {
    await using place = await open();
    place.google.secrets.put(APPLICATION, `${secretText("echoed")}\n`);
    const { slots } = await place.store().read();
    expect(plain(slots)).toEqual(plain({ ...EMPTY_SLOTS, active: issued("echoed") }));
  });

  it("keeps regional secrets", async () => {
    await using place = await open();
    const name = "projects/acme-billing/locations/europe-west3/secrets/paddle-api-key";
    for (const regional of [name, `${name}-rotator`]) place.google.secrets.create(regional);
    const store = place.store({ location: "europe-west3" });
    await put(store, first);
    expect(place.google.secrets.readable(name)).toEqual({ 1: secretText("first") });
    expect(store.location).toBe(name);
    expect(store.guide.needs.join("\n")).toContain("--location=europe-west3");
  });
});

describe("what lags behind at Google", () => {
  it("does not make anybody read less than what was written", async () => {
    await using place = await open();
    place.google.secrets.lag = 3;
    const store = place.store();
    let slots = first;
    await put(store, slots);
    for (const mark of ["second", "third"]) {
      for (const step of [
        (now: Slots) => stage(now, pending(mark)),
        (now: Slots) => promote(now, { slot: "active", until: 5 }),
        (now: Slots) => retire(now),
      ]) {
        slots = step(slots);
        await put(store, slots);
        for (const reader of [store, place.store()])
          expect(plain((await reader.read()).slots)).toEqual(plain(slots));
      }
    }
  });

  it("does not let a second process write over what it cannot see by `latest` yet", async () => {
    await using place = await open();
    const [one, other] = [place.store(), place.store()];
    await put(one, first);
    const { version } = await other.read();
    place.google.secrets.lag = 1;
    await put(one, staged);
    expect(await other.write(promoted, version)).toBe("conflict");
  });
});

describe("answers that get lost at Google", () => {
  it.each([APPLICATION, WORKBENCH])("does not add twice to %s", async (secret) => {
    await using place = await open();
    await put(place.store(), staged);
    const store = place.store();
    const { version } = await store.read();
    place.google.calls.length = 0;
    place.google.loseAnswerOf(`secretmanager.versions.add ${secret}`);
    expect(await store.write(promoted, version)).toBe("written");
    const adds = place.google.calls.filter((call) => call === `secretmanager.versions.add ${secret}`);
    expect(adds).toHaveLength(1);
    expect(plain((await place.store().read()).slots)).toEqual(plain(promoted));
  });

  it("does not take a secret that arrives damaged", async () => {
    await using place = await open();
    await put(place.store(), first);
    place.google.secrets.damages = true;
    await expect(place.store().read()).rejects.toMatchObject({
      effect: "none",
      retry: "later",
      message: expect.stringContaining("checksum"),
    });
  });

  it("does not add what no secret can hold", async () => {
    await using place = await open();
    const store = place.store();
    const huge = { ...first, standby: unknownOrigin(new Secret("x".repeat(65_536))) };
    const { version } = await store.read();
    await expect(store.write(huge, version)).rejects.toMatchObject({
      effect: "none",
      retry: "never",
      message: expect.stringContaining("65536 bytes"),
    });
    expect(place.google.calls.join()).not.toContain("versions.add");
  });
});

describe("the log of Google's client", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it("shows no secret even where the environment asks for it", async () => {
    vi.stubEnv("GOOGLE_SDK_NODE_LOGGING", "*");
    const printed: unknown[] = [];
    for (const method of ["log", "error", "warn", "info"] as const)
      vi.spyOn(console, method).mockImplementation((...words) => void printed.push(...words));
    await using place = await open();
    await put(place.store(), first);
    expect(JSON.stringify(printed)).toBe("[]");
  });
});

describe("a fault of Google's", () => {
  it.each([
    { http: 500, status: "INTERNAL" },
    { http: 503, status: "UNAVAILABLE" },
    { http: 504, status: "DEADLINE_EXCEEDED" },
  ])("$http $status of a read is met by asking again", async ({ http, status }) => {
    await using place = await open();
    await put(place.store(), first);
    place.google.fail(2, new Refused(http, status, "canary"));
    expect(plain((await place.store().read()).slots)).toEqual(plain(first));
  });

  it("of an addition leaves open whether it was done, and is never repeated blindly", async () => {
    await using place = await open();
    await put(place.store(), first);
    const store = place.store();
    const { version } = await store.read();
    let asked = 0;
    place.google.onCall = (call) => {
      if (!call.startsWith("secretmanager.versions.add")) return;
      asked += 1;
      throw new Refused(500, "INTERNAL", "canary");
    };
    await expect(store.write(staged, version)).rejects.toMatchObject({ effect: "unknown", retry: "later" });
    expect(asked).toBe(1);
    expect(plain((await place.store().read()).slots)).toEqual(plain(first));
  });
});
