/** The rotator always has a token that Vault accepts, for as long as anybody lets it sign in. */
import { rm, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { VaultPlace } from "../../support/stores/vault-place.ts";

const HOUR_MS = 3_600_000;
const LOGIN = "POST auth/approle/login";
const RENEWAL = "POST auth/token/renew-self";

async function errorOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await attempt.then(
    () => expect.fail("no error"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw error;
  expect(error.message).not.toMatch(/hvs\.|canary|jwt-/);
  return error;
}

describe("a store that signs in by AppRole", () => {
  it("signs in once for twenty readers at a time, and not before somebody reads", async () => {
    await using place = await VaultPlace.open();
    const store = place.store();
    expect(place.vault.seen).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, () => store.read()));
    await store.read();
    expect(place.vault.calls("auth/")).toEqual([LOGIN]);
  });

  it("signs in once more for twenty readers whose token was revoked", async () => {
    await using place = await VaultPlace.open();
    const store = place.store();
    await store.read();
    place.vault.tokens.revokeAll();
    await Promise.all(Array.from({ length: 20 }, () => store.read()));
    expect(place.vault.calls("auth/")).toEqual([LOGIN, LOGIN]);
  });

  it("renews its token once less than a third of its life is left, and not before", async () => {
    await using place = await VaultPlace.open();
    const store = place.store();
    await store.read();
    place.clock.push((HOUR_MS * 2) / 3 - 30_000);
    await store.read();
    expect(place.vault.calls("auth/")).toEqual([LOGIN]);
    place.clock.push(60_000);
    await store.read();
    expect(place.vault.calls("auth/")).toEqual([LOGIN, RENEWAL]);
    place.clock.push(HOUR_MS / 2);
    await store.read();
    expect(place.vault.calls("auth/")).toEqual([LOGIN, RENEWAL]);
  });

  it.each([
    ["has reached its longest life", { ttl: 3600, maxTtl: 3600, renewable: true }, [LOGIN, RENEWAL, LOGIN]],
    ["cannot be renewed", { ttl: 3600, maxTtl: 0, renewable: false }, [LOGIN, LOGIN]],
  ])("signs in again before the end of a token that %s", async (_, terms, calls) => {
    await using place = await VaultPlace.open();
    place.vault.tokens.terms = terms;
    const store = place.store();
    await store.read();
    place.clock.push(HOUR_MS - 60_000);
    await store.read();
    expect(place.vault.calls("auth/")).toEqual(calls);
    expect(place.vault.seen.filter(({ status }) => status === 403)).toEqual([]);
  });

  it("uses a token to its end where it gets no other, and then says why", async () => {
    await using place = await VaultPlace.open();
    place.vault.tokens.terms = { ttl: 3600, maxTtl: 0, renewable: false };
    const store = place.store();
    await store.read();
    place.vault.tokens.secretId = "another";
    place.clock.push(HOUR_MS - 60_000);
    await store.read();
    await store.read();
    expect(place.vault.calls("auth/")).toEqual([LOGIN, LOGIN]);
    place.clock.push(60_000);
    expect(await errorOf(store.read())).toMatchObject({
      effect: "none",
      retry: "never",
      message: expect.stringMatching(
        /sign in by approle at auth\/approle\/login.*"invalid role or secret ID".*secret-id/,
      ),
    });
  });

  it("needs no secret ID where the role asks for none", async () => {
    await using place = await VaultPlace.open();
    place.vault.tokens.secretId = null;
    await place.store().read();
    expect(place.vault.seen[0]?.body).not.toContain("secret_id");
  });

  it("says that the auth method is not where it was configured", async () => {
    await using place = await VaultPlace.open();
    const { auth } = place.options;
    if (auth.method !== "approle") throw new Error("signs in otherwise");
    const store = place.store({ auth: { ...auth, mount: "elsewhere" } });
    expect((await errorOf(store.read())).message).toContain("auth.mount");
  });
});

describe("a store that signs in by Kubernetes", () => {
  it("reads the service account's token anew at each sign-in", async () => {
    await using place = await VaultPlace.open({}, "kubernetes");
    const store = place.store();
    await store.read();
    place.vault.tokens.jwt = "jwt-of-tomorrow";
    await writeFile(place.tokenFile, "jwt-of-tomorrow\n");
    place.vault.tokens.revokeAll();
    await store.read();
  });

  it("says that the role is not bound to this service account", async () => {
    await using place = await VaultPlace.open({}, "kubernetes");
    await writeFile(place.tokenFile, "jwt-of-another-pod");
    const error = await errorOf(place.store().read());
    expect(error).toMatchObject({ retry: "never" });
    expect(error.message).toMatch(/paddle-key-rotator.*bound_service_account_names/);
  });

  it("says which file it cannot read", async () => {
    await using place = await VaultPlace.open({}, "kubernetes");
    await rm(place.tokenFile);
    expect((await errorOf(place.store().read())).message).toContain(
      `${place.tokenFile} cannot be read (ENOENT)`,
    );
  });
});

describe("a store that was given a token", () => {
  const openWith = async (terms: { ttl: number; maxTtl: number; renewable: boolean }) => {
    const place = await VaultPlace.open({}, "token");
    place.useToken(place.vault.tokens.give(terms));
    return place;
  };

  it("asks how long it lives, and renews it", async () => {
    await using place = await openWith({ ttl: 3600, maxTtl: 0, renewable: true });
    const store = place.store();
    await store.read();
    for (let renewals = 0; renewals < 3; renewals += 1) {
      place.clock.push(HOUR_MS - 60_000);
      await store.read();
    }
    expect(place.vault.calls("auth/")).toEqual(["GET auth/token/lookup-self", RENEWAL, RENEWAL, RENEWAL]);
  });

  it("never asks about one that does not end", async () => {
    await using place = await openWith({ ttl: 0, maxTtl: 0, renewable: false });
    const store = place.store();
    await store.read();
    place.clock.push(1_000 * HOUR_MS);
    await store.read();
    expect(place.vault.calls("auth/")).toEqual(["GET auth/token/lookup-self"]);
  });

  it("uses one that must not be looked up", async () => {
    await using place = await openWith({ ttl: 3600, maxTtl: 0, renewable: true });
    place.vault.tokens.policy.delete("auth/token/lookup-self");
    await place.store().read();
  });

  it("says that a token is dead, which only a person can mend", async () => {
    await using place = await openWith({ ttl: 3600, maxTtl: 3600, renewable: true });
    const store = place.store();
    await store.read();
    place.clock.push(HOUR_MS);
    expect(await errorOf(store.read())).toMatchObject({
      retry: "never",
      message: expect.stringContaining("the token has expired or was revoked"),
    });
  });
});

describe("a store whose token is refused", () => {
  const attempts: readonly [string, (store: SecretStore) => Promise<unknown>][] = [
    ["reading", (store) => store.read()],
    ["checking", (store) => store.checkWritable()],
  ];

  it.each(attempts)("names all that is missing, when %s", async (_, attempt) => {
    await using place = await VaultPlace.open();
    place.vault.tokens.policy.delete("secret/data/billing");
    const error = await errorOf(attempt(place.store()));
    expect(error.message).toContain("lacks read on secret/data/billing and update on secret/data/billing");
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("finds a policy that was attached since, by signing in again", async () => {
    await using place = await VaultPlace.open();
    const store = place.store();
    await store.read();
    place.vault.fail(1, 403, "permission denied");
    await store.read();
    expect(place.vault.calls(LOGIN)).toHaveLength(2);
  });

  it("says that a policy is stricter than its capabilities", async () => {
    await using place = await VaultPlace.open({}, "token");
    const store = place.store();
    await store.read();
    place.vault.fail(1, 403, "permission denied");
    expect((await errorOf(store.read())).message).toContain("denied_parameters");
  });

  it("refuses a token that may not be asked about before a key is rotated with it", async () => {
    await using place = await VaultPlace.open();
    place.vault.tokens.policy.delete("sys/capabilities-self");
    const error = await errorOf(place.store().checkWritable());
    expect(error).toMatchObject({ retry: "never" });
    expect(error.message).toContain("update on sys/capabilities-self");
  });

  it("sends its token in the header and nowhere else", async () => {
    await using place = await VaultPlace.open({}, "token", { namespace: "admin" });
    place.useToken("hvs.canary-of-a-person");
    await errorOf(
      place.store({ auth: { method: "token", token: new Secret("hvs.canary-of-a-person") } }).read(),
    );
    for (const { path, body, headers } of place.vault.seen) {
      expect(`${path}${body}`).not.toContain("canary");
      expect(headers).toMatchObject({ "x-vault-request": "true", "x-vault-namespace": "admin" });
    }
  });
});
