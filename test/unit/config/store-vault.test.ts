/** The section of a Vault: what it takes, what it refuses, and that no secret of it can be seen. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { faultsOf, FOLDER, read } from "./sources.ts";

const AUTH = "auth: { method: token, token: hvs.canary }";
const yamlOf = (...stores: readonly string[]) =>
  `keys:\n${stores.map((store, index) => `  - name: key-${index}\n    store: { type: vault, ${store} }\n`).join("")}`;
const storeOf = (store: string) => read({ yaml: yamlOf(store) }).keys[0]?.store;
const WHERE = "address: 'https://vault.example.com', path: billing";

describe("a store of type vault", () => {
  it("needs an address, a path and a way to sign in, and no more", () => {
    expect(storeOf(`${WHERE}, ${AUTH}`)).toMatchObject({
      address: "https://vault.example.com",
      namespace: null,
      mount: "secret",
      path: "billing",
      fields: { active: "ACTIVE_PADDLE_KEY", old: "OLD_PADDLE_KEY" },
      auth: { method: "token" },
      caFile: null,
    });
  });

  it("signs in by AppRole, with or without a secret ID", () => {
    expect(
      storeOf(`${WHERE}, auth: { method: approle, roleId: r, secretId: s, mount: team/approle }`),
    ).toMatchObject({ auth: { method: "approle", roleId: "r", mount: "team/approle" } });
    expect(storeOf(`${WHERE}, auth: { method: approle, roleId: r }`)).toMatchObject({
      auth: { method: "approle", mount: "approle", secretId: null },
    });
  });

  it("signs in by Kubernetes, with the pod's own token unless another is named", () => {
    expect(storeOf(`${WHERE}, auth: { method: kubernetes, role: r }`)).toMatchObject({
      auth: {
        mount: "kubernetes",
        role: "r",
        tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token",
      },
    });
    expect(storeOf(`${WHERE}, auth: { method: kubernetes, role: r, tokenFile: ./jwt }`)).toMatchObject({
      auth: { tokenFile: `${FOLDER}/jwt` },
    });
  });

  it("reads its authority from a file beside the configuration", () => {
    expect(storeOf(`${WHERE}, ${AUTH}, caFile: ca.pem`)).toMatchObject({ caFile: `${FOLDER}/ca.pem` });
  });

  it("drops a slash at the end of the address, and keeps a path in it", () => {
    expect(storeOf(`address: 'https://proxy.example.com/vault/', path: b, ${AUTH}`)).toMatchObject({
      address: "https://proxy.example.com/vault",
    });
  });

  it("shows no token and no secret ID, however it is looked at", () => {
    for (const auth of [AUTH, "auth: { method: approle, roleId: r, secretId: canary }"]) {
      const store = storeOf(`${WHERE}, ${auth}`);
      expect(`${inspect(store, { depth: null, showHidden: true })}${JSON.stringify(store)}`).not.toContain(
        "canary",
      );
    }
  });

  it.each([
    ["http beyond this machine", `address: 'http://vault.example.com', path: b, ${AUTH}`, ".address"],
    ["a password in the address", `address: 'https://a:b@vault.example.com', path: b, ${AUTH}`, ".address"],
    ["a path from the root", `address: 'https://v.example.com', path: /b, ${AUTH}`, ".path"],
    ["a path that climbs", `address: 'https://v.example.com', path: a/../b, ${AUTH}`, ".path"],
    ["a path with a wildcard of policies", `address: 'https://v.example.com', path: a/*, ${AUTH}`, ".path"],
    ["a token with a line feed", `${WHERE}, auth: { method: token, token: "a\\nb" }`, ".auth.token"],
    ["an unknown method", `${WHERE}, auth: { method: magic }`, ".auth"],
    ["no method", `${WHERE}, auth: {}`, ".auth"],
    ["no way to sign in", WHERE, ".auth"],
    ["a field of another method", `${WHERE}, auth: { method: token, token: t, role: r }`, ".auth.role"],
  ])("refuses %s, and names the field", (_, store, field) => {
    const faults = faultsOf({ yaml: yamlOf(store) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      new RegExp(`^keys\\[0\\]\\.store${field.replaceAll(".", "\\.")}(\\.method)? \\(`),
    );
  });

  it("may share a secret with another key, but not a field, nor the field of the notes", () => {
    const other = "fields: { active: B, old: OLD_B, pending: PENDING_B, standby: STANDBY_B }";
    expect(read({ yaml: yamlOf(`${WHERE}, ${AUTH}`, `${WHERE}, ${AUTH}, ${other}`) }).keys).toHaveLength(2);
    expect(faultsOf({ yaml: yamlOf(`${WHERE}, ${AUTH}`, `${WHERE}, ${AUTH}`) })).toEqual([
      expect.stringContaining("is the same field of the same secret as keys[0].store.fields.active"),
    ]);
    const notes = other.replace("STANDBY_B", "ACTIVE_PADDLE_KEY_NOTES");
    expect(faultsOf({ yaml: yamlOf(`${WHERE}, ${AUTH}`, `${WHERE}, ${AUTH}, ${notes}`) })).toHaveLength(1);
  });

  it("is another secret in another namespace", () => {
    expect(
      read({ yaml: yamlOf(`${WHERE}, ${AUTH}`, `${WHERE}, namespace: admin, ${AUTH}`) }).keys,
    ).toHaveLength(2);
  });

  it("has a page that shows every method with all its fields", () => {
    const page = readFileSync(resolve(import.meta.dirname, "../../../docs/stores/vault.md"), "utf8");
    for (const [method, ...fields] of [
      ["kubernetes", "role", "mount", "tokenFile"],
      ["approle", "roleId", "secretId", "mount"],
      ["token", "token"],
    ]) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${method}\``));
      for (const field of fields) expect(row, method).toContain(`\`${field}\``);
    }
  });
});
