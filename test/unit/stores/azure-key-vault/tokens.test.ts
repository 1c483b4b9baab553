/** A source of tokens may fail for a while; a token that is good meanwhile is used. */
import type { AccessToken, TokenCredential } from "@azure/identity";
import { describe, expect, it } from "vitest";
import { NoToken, SteadyCredential } from "../../../../src/stores/azure-key-vault/tokens.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const SCOPE = "https://vault.azure.net/.default";

type Answer = AccessToken | Error | "silence" | null;

/** A source that gives these answers, one after the other. */
function sourceOf(...answers: readonly Answer[]): () => TokenCredential {
  const left = [...answers];
  return () => ({
    getToken: async () => {
      const answer = left.shift() ?? null;
      if (answer === "silence") return new Promise(() => {});
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
}

const credentialOf = (...answers: readonly Answer[]) =>
  new SteadyCredential(sourceOf(...answers), new FakeClock(), 50);

async function errorOf(attempt: Promise<unknown>): Promise<NoToken> {
  const error: unknown = await attempt.then(
    () => expect.fail("no error"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof NoToken)) throw error;
  return error;
}

const OUT_OF_ORDER = Object.assign(new Error("network_error: See https://aka.ms/msal.js.errors"), {
  name: "AuthenticationRequiredError",
});

describe("a steady credential", () => {
  it.each(["silence", OUT_OF_ORDER, null] as const)(
    "gives the token it has, as long as that is good, when the source answers %s",
    async (answer) => {
      const clock = new FakeClock();
      const token = { token: "good", expiresOnTimestamp: clock.now() + 60_000 };
      const credential = new SteadyCredential(sourceOf(token, answer), clock, 50);
      await credential.getToken(SCOPE);
      await clock.advance(59_999);
      expect(await credential.getToken(SCOPE)).toBe(token);
    },
  );

  it("gives no token that has expired", async () => {
    const clock = new FakeClock();
    const token = { token: "good", expiresOnTimestamp: clock.now() + 60_000 };
    const credential = new SteadyCredential(sourceOf(token, OUT_OF_ORDER), clock, 50);
    await credential.getToken(SCOPE);
    await clock.advance(60_000);
    expect(await errorOf(credential.getToken(SCOPE))).toMatchObject({ code: "network_error", final: false });
  });

  it("gives no token that the vault has called worthless", async () => {
    const clock = new FakeClock();
    const token = { token: "good", expiresOnTimestamp: clock.now() + 60_000 };
    const credential = new SteadyCredential(sourceOf(token, OUT_OF_ORDER), clock, 50);
    await credential.getToken(SCOPE);
    expect(await errorOf(credential.getToken(SCOPE, { claims: "{}" }))).toMatchObject({ final: false });
  });

  it("does not wait for ever for its first token, and says that nothing was sent meanwhile", async () => {
    const credential = credentialOf("silence");
    expect(credential.keepsWaiting).toBe(false);
    const attempt = errorOf(credential.getToken(SCOPE));
    expect(credential.keepsWaiting).toBe(true);
    expect(await attempt).toMatchObject({ code: "ETIMEDOUT", final: false });
    expect(credential.keepsWaiting).toBe(false);
  });

  it.each([
    [
      "invalid_client: Error(s): 7000222 - Description: AADSTS7000222: the secret canary has expired",
      "AADSTS7000222",
      true,
    ],
    ["AADSTS700213: No matching federated identity record found for canary", "AADSTS700213", true],
    ["AADSTS90033: A transient error has occurred. canary", "AADSTS90033", false],
    ["endpoints_resolution_error: canary", "endpoints_resolution_error", false],
    ["canary: what nobody knows", "CredentialUnavailableError", false],
  ])("says of '%s' no more than its code", async (message, code, final) => {
    const cause = Object.assign(new Error(message), { name: "CredentialUnavailableError" });
    const gathered = Object.assign(new Error("canary"), {
      name: "AggregateAuthenticationError",
      errors: [cause],
    });
    for (const error of code.startsWith("Credential") ? [cause] : [cause, gathered]) {
      const found = await errorOf(credentialOf(error).getToken(SCOPE));
      expect(found).toMatchObject({ code, final });
      expect(`${found.message} ${found.stack}`).not.toContain("canary");
      expect(found.cause).toBeUndefined();
    }
  });
});
