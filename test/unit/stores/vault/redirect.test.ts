/** A token follows a redirect within its cluster and nowhere else. */
import { describe, expect, it } from "vitest";
import { redirectTarget } from "../../../../src/stores/vault/redirect.ts";

const FROM = "https://vault.example.com:8200/v1/secret/data/billing";

describe("a redirect by a standby of Vault", () => {
  it.each([
    ["another port of the host", FROM, "https://vault.example.com:8201/v1/secret/data/billing"],
    ["a host below it", FROM, "https://node-2.vault.example.com:8200/v1/secret/data/billing"],
    ["a host beside it", FROM, "https://vault-2.example.com:8200/v1/secret/data/billing"],
    [
      "a pod beside it",
      "https://vault-0.vault-internal.ns.svc/v1/sys/x",
      "https://vault-1.vault-internal.ns.svc/v1/sys/x",
    ],
    ["the same address", "http://127.0.0.1:8200/v1/a", "http://127.0.0.1:8300/v1/a"],
  ])("is followed to %s", (_, from, location) => {
    expect(redirectTarget(new URL(from), location)?.href).toBe(location);
  });

  it.each([
    ["no place", FROM, null],
    ["something that is no address", FROM, "https://[/"],
    ["another domain", FROM, "https://vault.example.org:8200/v1/secret/data/billing"],
    ["a domain that ends alike", FROM, "https://evilexample.com:8200/v1/secret/data/billing"],
    ["a host beside one of the top level", "https://vault.com/v1/a", "https://evil.com/v1/a"],
    ["a host without a domain", "https://vault/v1/a", "https://evil/v1/a"],
    ["another address", "https://10.0.0.1/v1/a", "https://10.0.0.2/v1/a"],
    ["another protocol", FROM, "http://vault.example.com:8200/v1/secret/data/billing"],
    ["another path", FROM, "https://vault.example.com:8200/v1/secret/data/other"],
    ["a path with a query", FROM, `${FROM}?list=true`],
    ["an address with a password", FROM, "https://a:b@vault.example.com:8200/v1/secret/data/billing"],
  ])("is not followed to %s", (_, from, location) => {
    expect(redirectTarget(new URL(from), location)).toBeNull();
  });
});
