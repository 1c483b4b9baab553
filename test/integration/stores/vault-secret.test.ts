/** What becomes of a secret of Vault, in every state that it can be in, and of all that is beside ours in it. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, stage, unknownOrigin } from "../../../src/core/slots.ts";
import { VaultPlace } from "../../support/stores/vault-place.ts";
import { issuedByUs, pending, put, secretText } from "../../contract/secret-store-samples.ts";

const FIRST = { ...EMPTY_SLOTS, active: issuedByUs("first") };

describe("a secret of Vault", () => {
  it("that does not exist is refused with the command that makes it", async () => {
    await using place = await VaultPlace.open();
    place.vault.kv.deleteMetadata("billing");
    await expect(place.store().read()).rejects.toMatchObject({
      effect: "none",
      retry: "never",
      message: expect.stringMatching(
        /^secret\/billing in Vault http:.* does not exist.* \| vault kv put -mount=secret billing ACTIVE_PADDLE_KEY=-$/,
      ),
    });
  });

  it("is named with its namespace, also in commands", async () => {
    await using place = await VaultPlace.open({}, "approle", { namespace: "admin/team" });
    place.vault.kv.deleteMetadata("billing");
    await expect(place.store().read()).rejects.toThrow(
      /namespace admin\/team does not exist.*vault kv put -namespace=admin\/team -mount=secret billing/,
    );
  });

  it("that was deleted is refused with the command that brings it back, and is not written over", async () => {
    await using place = await VaultPlace.open();
    const store = place.store();
    await put(store, FIRST);
    const { version } = await store.read();
    place.vault.kv.deleteLatest("billing");
    const refused = {
      retry: "never",
      message: expect.stringContaining("vault kv undelete -mount=secret -versions=2 billing"),
    };
    await expect(store.read()).rejects.toMatchObject(refused);
    await expect(store.write(EMPTY_SLOTS, version)).rejects.toMatchObject(refused);
    await expect(store.checkWritable()).rejects.toMatchObject(refused);
    place.vault.kv.undeleteLatest("billing");
    expect((await store.read()).version).toBe(version);
  });

  it("that was destroyed is refused with the command that takes an earlier version", async () => {
    await using place = await VaultPlace.open();
    place.vault.kv.destroyLatest("billing");
    await expect(place.store().read()).rejects.toThrow("vault kv rollback -mount=secret -version=N billing");
  });

  it("that deleted itself is told from one that is not there", async () => {
    await using place = await VaultPlace.open();
    place.vault.kv.deleteVersionsAfter("billing", 3_600_000);
    const store = place.store();
    await put(store, FIRST);
    place.clock.push(3_600_001);
    await expect(store.read()).rejects.toThrow(/is deleted in its latest version, 2.*delete_version_after/);
  });

  it("that has no version yet is empty, and the first write fills it", async () => {
    await using place = await VaultPlace.open();
    place.vault.kv.deleteMetadata("billing");
    place.vault.kv.writeMetadata("billing", { cas_required: true });
    const store = place.store();
    expect((await store.read()).slots).toEqual(EMPTY_SLOTS);
    await put(store, FIRST);
    expect(place.data()["ACTIVE_PADDLE_KEY"]).toBe(secretText("first"));
  });

  it("that takes no write without check-and-set takes ours", async () => {
    await using place = await VaultPlace.open();
    place.vault.kv.writeMetadata("billing", { cas_required: true });
    await put(place.store(), FIRST);
    await put(place.store(), stage(FIRST, pending("second")));
  });

  it("keeps everything beside ours as it is: numbers, lists, sections, and fields of any name", async () => {
    const raw = (text: string): unknown =>
      (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
    const beside = {
      LIMIT: raw("1.0"),
      ids: [raw("12345678901234567890"), null, true],
      deep: { Grüße: "東京" },
    };
    await using place = await VaultPlace.open(JSON.parse('{"__proto__":"x"}'));
    place.vault.kv.writeData("billing", { data: Object.assign(place.data(), beside) });
    await put(place.store(), FIRST);
    const sent = place.vault.seen.find(
      ({ method, path }) => method === "POST" && path === "secret/data/billing",
    );
    expect(sent?.body).toContain(
      '"data":{"__proto__":"x","LIMIT":1.0,"ids":[12345678901234567890,null,true],"deep":{"Grüße":"東京"},"ACTIVE_PADDLE_KEY":',
    );
    expect(sent?.body).toContain('"options":{"cas":2}');
  });

  it("keeps what somebody else writes beside ours at the same moment", async () => {
    await using place = await VaultPlace.open();
    const store = place.store();
    const { version } = await store.read();
    place.vault.kv.writeData("billing", { data: { OTHER: "changed" } });
    expect(await store.write(FIRST, version)).toBe("written");
    expect(place.data()).toMatchObject({ OTHER: "changed", ACTIVE_PADDLE_KEY: secretText("first") });
  });

  it("may hold other keys in other fields", async () => {
    await using place = await VaultPlace.open();
    const other = { active: "B", old: "OLD_B", pending: "PENDING_B", standby: "STANDBY_B" };
    await put(place.store(), FIRST);
    await put(place.store({ fields: other }), { ...EMPTY_SLOTS, active: issuedByUs("other") });
    expect((await place.store().read()).slots.active?.rotationId).toBe("apkrot_first");
    expect((await place.store({ fields: other }).read()).slots.active?.rotationId).toBe("apkrot_other");
    expect(Object.keys(place.customMetadata())).toEqual(["rotator.ACTIVE_PADDLE_KEY", "rotator.B"]);
  });

  it("is refused where one of our fields is no text", async () => {
    await using place = await VaultPlace.open({ OLD_PADDLE_KEY: 7 });
    await expect(place.store().read()).rejects.toThrow(/field OLD_PADDLE_KEY.*vault kv patch/);
  });
});

describe("the secret's custom metadata", () => {
  it("says of each secret what it is, and keeps what others wrote there", async () => {
    await using place = await VaultPlace.open();
    place.vault.kv.writeMetadata("billing", { custom_metadata: { owner: "jdoe" }, max_versions: 4 });
    await put(place.store(), { ...FIRST, standby: unknownOrigin(new Secret("pdl_canary")) });
    expect(place.customMetadata()).toEqual({
      owner: "jdoe",
      "rotator.ACTIVE_PADDLE_KEY": expect.stringMatching(
        /^sha256:[\da-f]{16}; apkrot_first; issued 2026-01-01T/,
      ),
      "rotator.STANDBY_PADDLE_KEY": expect.stringMatching(/^sha256:[\da-f]{16}$/),
    });
    const sent = place.vault.seen.filter(
      ({ method, path }) => method === "POST" && path.includes("metadata"),
    );
    expect(sent.map(({ body }) => Object.keys(JSON.parse(body)))).toEqual([["custom_metadata"]]);
    expect(sent[0]?.body).not.toMatch(/pdl_/);
  });

  it("drops the entry of a secret that is no more", async () => {
    await using place = await VaultPlace.open();
    await put(place.store(), { ...FIRST, old: { ...issuedByUs("old"), until: 0 } });
    await put(place.store(), FIRST);
    expect(Object.keys(place.customMetadata())).toEqual(["rotator.ACTIVE_PADDLE_KEY"]);
  });

  it("is not needed: without a permission for it all else works, check included", async () => {
    await using place = await VaultPlace.open();
    place.vault.tokens.policy.delete("secret/metadata/billing");
    const store = place.store();
    await store.checkWritable();
    await put(store, FIRST);
    expect(place.customMetadata()).toEqual({});
    expect(place.vault.calls("auth/")).toHaveLength(1);
  });

  it("fails without a word: the secret is written before", async () => {
    await using place = await VaultPlace.open();
    const others = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`entry-${index}`, "x"]));
    place.vault.kv.writeMetadata("billing", { custom_metadata: others });
    await put(place.store(), FIRST);
    expect(place.customMetadata()).toEqual(others);
  });
});
