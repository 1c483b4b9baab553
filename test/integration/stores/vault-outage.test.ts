/** What a Vault that is sealed, lagging, misled or out of reach does to its secret: nothing, and it says so. */
import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import type { VaultOptions } from "../../../src/stores/vault/options.ts";
import { issued, put, secretText } from "../../contract/secret-store-samples.ts";
import { selfSignedCertificate } from "../../support/stores/self-signed-certificate.ts";
import { type Condition, VaultFake } from "../../support/stores/vault-fake.ts";
import { VaultPlace } from "../../support/stores/vault-place.ts";

const FIRST = { ...EMPTY_SLOTS, active: issued("first") };
const SECOND = { ...EMPTY_SLOTS, active: issued("canary") };

async function errorOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await attempt.then(
    () => expect.fail("no error"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw error;
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/canary|hvs\.|pdl_/);
  return error;
}

async function openFilled(): Promise<{ place: VaultPlace; store: SecretStore } & AsyncDisposable> {
  const place = await VaultPlace.open();
  const store = place.store();
  await put(store, FIRST);
  return { place, store, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

describe("a Vault that cannot serve", () => {
  it.each<[Condition, RegExp]>([
    ["sealed", /is sealed \(.*\): unseal it with vault operator unseal; nothing has changed/],
    ["uninitialised", /is not initialised .*vault operator init/],
    ["standby", /is a standby without an active node/],
    ["dr-secondary", /answered 472.*set address to a node/],
  ])("says that it is %s, and serves again later", async (condition, message) => {
    await using filled = await openFilled();
    const { place, store } = filled;
    const { version } = await store.read();
    place.vault.condition = condition;
    const attempts = [() => store.read(), () => store.write(SECOND, version), () => store.checkWritable()];
    for (const attempt of attempts)
      expect(await errorOf(attempt())).toMatchObject({
        effect: "none",
        retry: "later",
        message: expect.stringMatching(message),
      });
    place.vault.condition = "active";
    expect(await store.write(SECOND, version)).toBe("written");
  });

  it("fails in the middle of a write: what became of it is looked up", async () => {
    await using filled = await openFilled();
    const { place, store } = filled;
    const { version } = await store.read();
    place.vault.loseNextAnswer();
    expect(await store.write(SECOND, version)).toBe("written");
    expect(place.data()["ACTIVE_PADDLE_KEY"]).toBe(secretText("canary"));
  });

  it("may have done a write that it answered with 500, until it can be asked", async () => {
    await using filled = await openFilled();
    const { place, store } = filled;
    const { version } = await store.read();
    const read = place.vault.calls("GET secret/data").length;
    place.vault.failAfter(1, 1_000, 500, "internal error: canary");
    const error = await errorOf(store.write(SECOND, version));
    expect(error).toMatchObject({ effect: "unknown", retry: "later" });
    expect(error.message).toContain("the write may have been done");
    expect(place.vault.calls("GET secret/data").length).toBeGreaterThan(read + 1);
  });

  it("is not waited for where it asks for more patience than there is", async () => {
    await using filled = await openFilled();
    const { place, store } = filled;
    place.vault.fail(1, 429, "rate limit quota exceeded", { "retry-after": "3600" });
    const before = place.vault.seen.length;
    expect(await errorOf(store.read())).toMatchObject({ effect: "none", retry: "later" });
    expect(place.vault.seen).toHaveLength(before + 1);
  });

  it("is asked again by a reader that is ahead of its node, and told how far that is", async () => {
    await using filled = await openFilled();
    const { place, store } = filled;
    place.vault.fail(2, 412, "required index state not present");
    await store.read();
    expect(place.vault.seen.at(-1)?.headers["x-vault-index"]).toBe("index-1");
  });

  it("quotes nothing of an answer that it does not know", async () => {
    await using filled = await openFilled();
    const { place, store } = filled;
    const { version } = await store.read();
    const unknown = "cannot parse canary pdl_live_apikey_x";
    place.vault.fail(1, 400, unknown);
    await errorOf(store.read());
    place.vault.failAfter(1, 1, 400, unknown);
    const error = await errorOf(store.write(SECOND, version));
    expect(error).toMatchObject({ effect: "none", retry: "never" });
    expect(error.message).toContain("answered 400 to a write");
  });

  it("cannot be reached", async () => {
    await using place = await VaultPlace.open();
    const error = await errorOf(place.store({ address: "http://127.0.0.1:1" }).read());
    expect(error).toMatchObject({ effect: "none", retry: "later" });
    expect(error.message).toContain("cannot be reached (ECONNREFUSED)");
  });
});

describe("a standby that points to the active node", () => {
  it("is followed to another port of its host, with the token, for reads, writes and sign-ins", async () => {
    await using active = await VaultPlace.open();
    await using standby = await VaultFake.open();
    standby.condition = "forwarding";
    standby.activeNode = active.vault.address;
    const store = active.store({ address: standby.address });
    await put(store, FIRST);
    expect(active.data()["ACTIVE_PADDLE_KEY"]).toBe(secretText("first"));
  });

  it("is not followed to a stranger, who gets no token, secret or sign-in", async () => {
    await using filled = await openFilled();
    const { place, store } = filled;
    await using stranger = await VaultFake.open();
    const { version } = await store.read();
    place.vault.condition = "forwarding";
    place.vault.activeNode = stranger.address.replace("127.0.0.1", "localhost");
    const attempts = [() => store.read(), () => store.write(SECOND, version), () => place.store().read()];
    for (const attempt of attempts)
      expect(await errorOf(attempt())).toMatchObject({
        effect: "none",
        message: expect.stringMatching(
          /answered 307 and points to localhost:\d+, where a token must not follow/,
        ),
      });
    expect(stranger.seen).toEqual([]);
  });

  it("is not followed in circles", async () => {
    await using filled = await openFilled();
    const { place, store } = filled;
    place.vault.condition = "forwarding";
    place.vault.activeNode = place.vault.address;
    const before = place.vault.seen.length;
    await errorOf(store.read());
    expect(place.vault.seen).toHaveLength(before + 2);
  });
});

describe("a Vault with a certificate of a private authority", () => {
  const openTls = () => VaultPlace.open({}, "approle", { certificate: selfSignedCertificate() });

  it("is trusted if that authority is named, and gets no token before", async () => {
    const certificate = selfSignedCertificate();
    await using place = await VaultPlace.open({}, "approle", { certificate });
    const error = await errorOf(place.store().read());
    expect(error).toMatchObject({ effect: "none", retry: "never" });
    expect(error.message).toContain("set caFile");
    expect(place.vault.seen).toEqual([]);
    const caFile = `${place.tokenFile}.pem`;
    await writeFile(caFile, certificate.cert);
    await put(place.store({ caFile }), FIRST);
  });

  it("is trusted again once the file holds its new authority, without a restart", async () => {
    const certificate = selfSignedCertificate();
    await using place = await VaultPlace.open({}, "approle", { certificate });
    const caFile = `${place.tokenFile}.pem`;
    await writeFile(caFile, selfSignedCertificate().cert);
    const store = place.store({ caFile });
    await errorOf(store.read());
    await writeFile(caFile, certificate.cert);
    await store.read();
  });

  it.each<[string, Partial<VaultOptions>, string]>([
    [
      "cannot be read",
      { caFile: "/nowhere/ca.pem" },
      "/nowhere/ca.pem cannot be read (ENOENT): correct caFile",
    ],
  ])("says that the file %s", async (_, options, message) => {
    await using place = await openTls();
    expect((await errorOf(place.store(options).read())).message).toContain(message);
  });
});
