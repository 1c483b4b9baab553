/** How often a key vault is asked, and when no more. */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { EMPTY_SLOTS, stage } from "../../../src/core/slots.ts";
import { VaultSecret } from "../../../src/stores/azure-key-vault/secret.ts";
import { Vault, type VaultOptions } from "../../../src/stores/azure-key-vault/vault.ts";
import { issued, pending, put, secretText } from "../../contract/secret-store-samples.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type Action, type FakeKeyVault, THROTTLED } from "../../support/stores/azure-key-vault-fake.ts";
import { AzureKeyVaultPlace, SECRET } from "../../support/stores/azure-key-vault-place.ts";
import { Refused } from "../../support/stores/azure-key-vault-secrets.ts";

const FIRST = { ...EMPTY_SLOTS, active: issued("first") };
const BROKEN = new Refused(500, "InternalServerError", "An error occurred.");
const GET = { secret: SECRET, operation: "get" } as const;

async function openFilled(): Promise<AzureKeyVaultPlace> {
  const place = await AzureKeyVaultPlace.open({});
  await put(place.store(), FIRST);
  return place;
}

function connect(vault: FakeKeyVault, options: Partial<VaultOptions> = {}): Vault {
  return new Vault({
    url: vault.url,
    openCredential: () => vault.tokens.credential(),
    clock: new FakeClock(),
    random: () => 1,
    deadlineMs: 5_000,
    pauseMs: 500,
    client: { tlsOptions: { ca: vault.authority }, disableChallengeResourceVerification: true },
    ...options,
  });
}

const ask = (vault: Vault) => vault.call(GET, (client, request) => client.getSecret(SECRET, request));
const countOf = ({ calls }: FakeKeyVault, action: Action) =>
  calls.filter((call) => call.action === action).length;

describe("a vault that fails", () => {
  it("is asked four times, with pauses that double", async () => {
    await using place = await openFilled();
    const clock = new FakeClock();
    const before = place.vault.calls.length;
    place.vault.fail(1_000, { refusal: BROKEN });
    const attempt = ask(connect(place.vault, { clock })).catch((error: unknown) => error);
    for (const pause of [500, 1_000, 2_000]) {
      await clock.untilSleeping();
      expect(clock.nextWakeAt).toBe(clock.now() + pause);
      await clock.advance(pause);
    }
    expect(await attempt).toMatchObject({ effect: "none", retry: "later" });
    expect(place.vault.calls).toHaveLength(before + 4);
  });

  it("is asked again at different times by different processes", async () => {
    await using place = await openFilled();
    place.vault.fail(1_000, { refusal: BROKEN });
    const clock = new FakeClock();
    const attempt = ask(connect(place.vault, { clock, random: () => 0 })).catch((error: unknown) => error);
    await clock.untilSleeping();
    expect(clock.nextWakeAt).toBe(clock.now() + 250);
    await clock.advance(60_000);
    await attempt.then(
      () => {},
      () => {},
    );
  });

  it("is given the time that it asks for", async () => {
    await using place = await openFilled();
    place.vault.fail(1, { refusal: THROTTLED, headers: { "retry-after": "7" } });
    const clock = new FakeClock();
    const attempt = ask(connect(place.vault, { clock }));
    await clock.untilSleeping();
    expect(clock.nextWakeAt).toBe(clock.now() + 7_000);
    await clock.advance(7_000);
    expect((await attempt).value).toBe(secretText("first"));
  });

  it("is left alone where it asks for more time than there is", async () => {
    await using place = await openFilled();
    const before = place.vault.calls.length;
    place.vault.fail(1_000, { refusal: THROTTLED, headers: { "retry-after": "15" } });
    await expect(ask(connect(place.vault))).rejects.toMatchObject({ effect: "none", retry: "later" });
    expect(place.vault.calls).toHaveLength(before + 1);
  });

  it("is given a version once: what became of it is looked at, and never guessed", async () => {
    await using place = await openFilled();
    const before = countOf(place.vault, "set");
    place.vault.failOnce("set", { refusal: BROKEN });
    await expect(put(place.store(), stage(FIRST, pending("second")))).rejects.toMatchObject({
      effect: "unknown",
    });
    expect(countOf(place.vault, "set")).toBe(before + 1);
  });
});

describe("signing in", () => {
  it("happens once for many requests, and for the vault's own audience", async () => {
    await using place = await openFilled();
    const vault = connect(place.vault);
    const before = place.vault.tokens.issued;
    await Promise.all(Array.from({ length: 10 }, () => ask(vault)));
    expect(place.vault.tokens.issued).toBe(before + 1);
    expect(place.vault.tokens.scopes).toEqual(["https://vault.azure.net/.default"]);
  });

  it("loses no secret that is written while others read", async () => {
    await using place = await openFilled();
    place.vault.slowChallengeOf = "set";
    const vault = connect(place.vault);
    const write = vault.call({ secret: SECRET, operation: "set" }, (client, request) =>
      client.setSecret(SECRET, secretText("written"), request),
    );
    await Promise.all([write, ...Array.from({ length: 5 }, () => ask(vault))]);
    expect(place.vault.secrets.newest(SECRET).value).toBe(secretText("written"));
  });

  it("is done again where the vault refuses the token, and only once", async () => {
    await using place = await openFilled();
    const vault = connect(place.vault);
    await ask(vault);
    const before = place.vault.tokens.issued;
    place.vault.tokens.revokeAll();
    await ask(vault);
    expect(place.vault.tokens.issued).toBe(before + 1);

    place.vault.fail(1_000, { refusal: new Refused(401, "Unauthorized", "AKV10032: Invalid issuer.") });
    await expect(ask(vault)).rejects.toMatchObject({ retry: "never" });
    expect(place.vault.tokens.issued).toBe(before + 2);
  });

  it("goes on with the token it has while no other can be had", async () => {
    await using place = await openFilled();
    // The client wants another one two minutes before this one ends, and lets nobody catch it if there is none.
    place.vault.tokens.livesMs = 90_000;
    const vault = connect(place.vault, {
      clock: systemClock,
    });
    await ask(vault);
    place.vault.tokens.refusal = new Error("network_error: no answer");
    const asked = place.vault.tokens.asked;
    expect((await ask(vault)).value).toBe(secretText("first"));
    expect((await ask(vault)).value).toBe(secretText("first"));
    expect(place.vault.tokens.asked).toBeGreaterThan(asked);
  });
});

describe("an answer that does not come", () => {
  it("is waited for no longer than three deadlines", async () => {
    await using place = await openFilled();
    place.vault.silent = true;
    const started = performance.now();
    await expect(place.store({ deadlineMs: 200 }).read()).rejects.toMatchObject({ effect: "none" });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("takes nothing away from the time of the others: a version is read and added within three deadlines", async () => {
    await using place = await openFilled();
    const clock = new FakeClock();
    const secret = new VaultSecret(connect(place.vault, { clock }), SECRET, clock);
    place.vault.fail(1, { refusal: THROTTLED, headers: { "retry-after": "14" } });
    const attempt = secret.add(secretText("late")).catch((error: unknown) => error);
    await clock.untilSleeping();
    place.vault.failOnce("set", { refusal: THROTTLED, headers: { "retry-after": "1" } });
    await clock.advance(14_000);
    expect(await attempt).toMatchObject({ effect: "none", retry: "later" });
    expect(place.vault.secrets.newest(SECRET).value).toBe(secretText("first"));
  });

  it("leaves open whether a version was added", async () => {
    await using place = await openFilled();
    const store = place.store({ deadlineMs: 200 });
    const { slots, version } = await store.read();
    place.vault.silentAt = "set";
    await expect(store.write(stage(slots, pending("second")), version)).rejects.toMatchObject({
      effect: "unknown",
      retry: "later",
    });
  });
});
