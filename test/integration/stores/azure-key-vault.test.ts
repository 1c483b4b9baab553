/** What becomes of the versions of both secrets in the course of a rotation, and who can read what meanwhile. */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import {
  EMPTY_SLOTS,
  promote,
  promoteStandby,
  retire,
  type Slots,
  stage,
  swapBack,
} from "../../../src/core/slots.ts";
import { VaultSecret } from "../../../src/stores/azure-key-vault/secret.ts";
import { Vault } from "../../../src/stores/azure-key-vault/vault.ts";
import { issued, pending, plain, put, secretText } from "../../contract/secret-store-samples.ts";
import { FakeKeyVault } from "../../support/stores/azure-key-vault-fake.ts";
import { AzureKeyVaultPlace, ROTATOR_SECRET, SECRET } from "../../support/stores/azure-key-vault-place.ts";

const FIRST: Slots = { ...EMPTY_SLOTS, active: issued("first") };
const STAGED = stage(FIRST, pending("second"));
const PROMOTED = promote(STAGED, { slot: "active", until: Date.UTC(2026, 10, 22) });

function connect(vault: FakeKeyVault): Vault {
  return new Vault({
    url: vault.url,
    openCredential: () => vault.tokens.credential(),
    clock: systemClock,
    random: () => 1,
    deadlineMs: 5_000,
    pauseMs: 1,
    client: { tlsOptions: { ca: vault.authority }, disableChallengeResourceVerification: true },
  });
}

/** A place that has been through these states, one after the other. */
async function openAfter(...states: readonly Slots[]): Promise<AzureKeyVaultPlace> {
  const place = await AzureKeyVaultPlace.open({});
  for (const slots of states) await put(place.store(), slots);
  return place;
}

/** As an application reads: the newest version, and the one that its tag names. */
function applicationReads({ vault }: AzureKeyVaultPlace): { active: string; old: string | null } {
  const newest = vault.secrets.get(SECRET, null);
  const version = newest.tags?.["paddle-old-version"];
  return {
    active: newest.value,
    old: version === undefined ? null : vault.secrets.get(SECRET, version).value,
  };
}

/** Everything that the holder of both secrets' names could still read, but the newest versions. */
function formerTexts({ vault }: AzureKeyVaultPlace, name: string): string[] {
  return vault.secrets
    .versions(name)
    .slice(0, -1)
    .filter(({ enabled }) => enabled)
    .map(({ value }) => value);
}

describe("applications that read a key vault", () => {
  it("are given no staged secret, nor any other news", async () => {
    await using place = await openAfter(FIRST);
    const before = JSON.stringify(place.vault.secrets.versions(SECRET));
    await put(place.store(), STAGED);
    expect(JSON.stringify(place.vault.secrets.versions(SECRET))).toBe(before);
    expect(place.vault.secrets.newest(ROTATOR_SECRET).value).toContain(secretText("second"));
  });

  it("are given the new secret as plain text, and the old one to fall back to", async () => {
    await using place = await openAfter(FIRST, STAGED, PROMOTED);
    expect(applicationReads(place)).toEqual({ active: secretText("second"), old: secretText("first") });
  });

  it("are given the new secret alone where the old one is dead", async () => {
    await using place = await openAfter(FIRST, STAGED, promote(STAGED, null));
    expect(applicationReads(place)).toEqual({ active: secretText("second"), old: null });
  });

  it("are given the older secret back, and the newer one to fall back to", async () => {
    await using place = await openAfter(FIRST, STAGED, PROMOTED, swapBack(PROMOTED));
    expect(applicationReads(place)).toEqual({ active: secretText("first"), old: secretText("second") });
  });

  it("are given another key, and the former one while they overlap", async () => {
    const prepared = { ...FIRST, standby: issued("other") };
    const replaced = promoteStandby(prepared, issued("other"), Date.UTC(2026, 10, 22));
    await using place = await openAfter(FIRST, prepared, replaced);
    expect(applicationReads(place)).toEqual({ active: secretText("other"), old: secretText("first") });
  });
});

describe("a secret that is retired", () => {
  it("can be read nowhere any more, and nothing has been deleted", async () => {
    await using place = await openAfter(FIRST, STAGED, PROMOTED, retire(PROMOTED));
    expect(applicationReads(place)).toEqual({ active: secretText("second"), old: null });
    expect([...formerTexts(place, SECRET), ...formerTexts(place, ROTATOR_SECRET)]).toEqual([]);
    expect(place.vault.secrets.newest(ROTATOR_SECRET).value).not.toContain(secretText("first"));
    const kept = place.vault.secrets.versions(SECRET).map(({ value }) => value);
    expect(kept).toEqual(["", secretText("first"), secretText("second")]);
  });

  it("could be read while it lived", async () => {
    await using place = await openAfter(FIRST, STAGED, PROMOTED);
    expect(formerTexts(place, SECRET)).toContain(secretText("first"));
  });
});

describe("what people keep on a secret", () => {
  it("stays with it: tags, content type and expiry", async () => {
    await using place = await openAfter();
    const { secrets } = place.vault;
    const exp = Math.floor(Date.now() / 1000) + 86_400;
    const mine = { tags: { owner: "me" }, contentType: "application/vnd.paddle", attributes: { exp } };
    secrets.set(SECRET, { value: secretText("first"), ...mine });
    const { slots } = await place.store().read();
    await put(place.store(), promote(stage(slots, pending("second")), { slot: "active", until: null }));
    expect(secrets.newest(SECRET)).toMatchObject({
      tags: { owner: "me", "paddle-old-version": secrets.versions(SECRET).at(-2)?.id },
      contentType: "application/vnd.paddle",
      exp,
    });
    await put(place.store(), { ...EMPTY_SLOTS, active: issued("second") });
    expect(secrets.newest(SECRET).tags).toEqual({ owner: "me" });
  });
});

describe("a key that a person has put into the vault", () => {
  it("is taken with the line end that their shell has left behind it, and kept as it is", async () => {
    await using place = await openAfter();
    place.vault.secrets.set(SECRET, { value: `${secretText("by-hand")}\n` });
    const { slots, version } = await place.store().read();
    expect(plain(slots).active).toBe(secretText("by-hand"));
    expect(await place.store().write(stage(slots, pending("next")), version)).toBe("written");
    expect(place.vault.secrets.newest(SECRET).value).toBe(`${secretText("by-hand")}\n`);
  });
});

describe("versions that Azure lists in no order, page by page", () => {
  it("are disabled all the same, but for the newest", async () => {
    await using place = await openAfter(FIRST, STAGED, PROMOTED);
    for (let count = 0; count < 30; count += 1) {
      const { slots, version } = await place.store().read();
      await place.store().write(slots, version);
    }
    expect(formerTexts(place, ROTATOR_SECRET).length).toBeGreaterThan(30);
    await put(place.store(), retire(PROMOTED));
    await put(place.store(), retire(PROMOTED));
    expect(formerTexts(place, ROTATOR_SECRET)).toEqual([]);
    expect(plain((await place.store().read()).slots)).toEqual(plain(retire(PROMOTED)));
  });

  it("are told apart within one second only as far as that is certain", async () => {
    await using vault = await FakeKeyVault.open(() => Date.UTC(2026, 10, 21));
    const [one, two, three] = ["one", "two", "three"].map((value) => vault.secrets.set(SECRET, { value }).id);
    const secret = new VaultSecret(connect(vault), SECRET, systemClock);
    expect(new Set(await secret.earlier(three ?? ""))).toEqual(new Set([one, two]));
    // The third was made in the same second, after the second or before it: Azure does not say.
    expect(await secret.earlier(two ?? "")).toEqual([]);
  });
});
