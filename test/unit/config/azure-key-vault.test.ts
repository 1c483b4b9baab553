/** Two secrets of a key vault for each key, and none for two keys. */
import { describe, expect, it } from "vitest";
import { faultsOf, read } from "./sources.ts";

const VAULT = "vault: https://kv-billing.vault.azure.net";

const keysWith = (...stores: readonly string[]) =>
  stores
    .map((store, index) => `  - name: key-${index}\n    store: { type: azure-key-vault, ${store} }\n`)
    .reduce((yaml, key) => yaml + key, "keys:\n");

const storeOf = (store: string) => read({ yaml: keysWith(store) }).keys[0]?.store;

describe("a store in an Azure key vault", () => {
  it("keeps the rotator's secret beside the application's unless told otherwise", () => {
    expect(storeOf(`${VAULT}, secret: paddle`)).toMatchObject({
      type: "azure-key-vault",
      vault: "https://kv-billing.vault.azure.net",
      secret: "paddle",
      rotatorSecret: "paddle-rotator",
      clientId: null,
    });
    expect(storeOf(`${VAULT}, secret: paddle, rotatorSecret: hidden`)).toMatchObject({
      rotatorSecret: "hidden",
    });
  });

  it.each([
    ["https://KV-Billing.vault.azure.net/", "https://kv-billing.vault.azure.net"],
    ["https://kv-billing.vault.azure.cn", "https://kv-billing.vault.azure.cn"],
    ["https://kv-billing.vault.usgovcloudapi.net", "https://kv-billing.vault.usgovcloudapi.net"],
  ])("finds the vault %s in its cloud", (vault, address) => {
    expect(storeOf(`vault: "${vault}", secret: paddle`)).toMatchObject({ vault: address });
  });

  it.each([
    "http://kv-billing.vault.azure.net",
    "https://kv-billing.vault.azure.net/secrets/paddle",
    "https://kv-billing.example.com",
    "https://kv_billing.vault.azure.net",
    "https://user@kv-billing.vault.azure.net",
    "kv-billing",
  ])("is not told that its vault is %s", (vault) => {
    expect(faultsOf({ yaml: keysWith(`vault: "${vault}", secret: paddle`) })).toEqual([
      "keys[0].store.vault (rotator.yaml:3): must be the address of a key vault, such as https://NAME.vault.azure.net",
    ]);
  });

  it.each(["paddle_key", "paddle key", "päddle", "x".repeat(128)])("is not told of a secret %s", (name) => {
    expect(faultsOf({ yaml: keysWith(`${VAULT}, secret: "${name}"`) })).toEqual([
      "keys[0].store.secret (rotator.yaml:3): must be the name of a secret: 1 to 127 of 0-9, a-z, A-Z and -",
    ]);
  });

  it("never puts what applications may not have where they read", () => {
    expect(faultsOf({ yaml: keysWith(`${VAULT}, secret: paddle, rotatorSecret: PADDLE`) })).toEqual([
      "keys[0].store.rotatorSecret (rotator.yaml:3): must be another secret than that of the applications",
    ]);
  });

  it("asks for the rotator's secret where its own name for it would be too long", () => {
    expect(storeOf(`${VAULT}, secret: ${"x".repeat(119)}`)).toBeDefined();
    expect(faultsOf({ yaml: keysWith(`${VAULT}, secret: ${"x".repeat(120)}`) })).toEqual([
      "keys[0].store.rotatorSecret (rotator.yaml:3): is missing; -rotator would make the secret's name too long",
    ]);
  });

  it("names what is missing", () => {
    expect(faultsOf({ yaml: keysWith("vault: kv") })).toHaveLength(2);
  });

  it("takes the client id of an identity and nothing else for one", () => {
    const id = "7d4f9a52-5a27-4b5e-9a4c-0e5f6d1c2b3a";
    expect(storeOf(`${VAULT}, secret: paddle, clientId: ${id}`)).toMatchObject({ clientId: id });
    expect(faultsOf({ yaml: keysWith(`${VAULT}, secret: paddle, clientId: billing`) })[0]).toMatch(
      /^keys\[0\]\.store\.clientId \(rotator\.yaml:3\): must be the client id of an identity/,
    );
  });
});

describe("two keys in Azure key vaults", () => {
  it("may share a vault", () => {
    expect(read({ yaml: keysWith(`${VAULT}, secret: one`, `${VAULT}, secret: two`) }).keys).toHaveLength(2);
  });

  it("may have secrets of one name in different vaults", () => {
    const yaml = keysWith(`${VAULT}, secret: one`, "vault: https://kv-other.vault.azure.net, secret: one");
    expect(read({ yaml }).keys).toHaveLength(2);
  });

  it.each([
    ["the same secret", "secret: ONE"],
    ["the rotator's secret of the other", "secret: one-rotator"],
    ["the same rotator's secret", "secret: two, rotatorSecret: one-rotator"],
  ])("may not share %s", (_what, second) => {
    expect(faultsOf({ yaml: keysWith(`${VAULT}, secret: one`, `${VAULT}, ${second}`) })).toEqual([
      "keys[1].store (rotator.yaml:5): is the same secret of a key vault as keys[0].store; give each key its own",
    ]);
  });
});
