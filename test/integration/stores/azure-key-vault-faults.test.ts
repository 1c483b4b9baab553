/** What Azure refuses, and what an operator is told of it: the place, Azure's own code and the next action. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import { EMPTY_SLOTS, stage } from "../../../src/core/slots.ts";
import { issued, pending, plain, put } from "../../contract/secret-store-samples.ts";
import { ACTIONS, THROTTLED } from "../../support/stores/azure-key-vault-fake.ts";
import { AzureKeyVaultPlace, ROTATOR_SECRET, SECRET } from "../../support/stores/azure-key-vault-place.ts";
import { Refused } from "../../support/stores/azure-key-vault-secrets.ts";

const GRANT = "grant it to the rotator's identity; a new assignment takes some minutes to count";
const FIRST = { ...EMPTY_SLOTS, active: issued("first") };

async function openFilled(): Promise<AzureKeyVaultPlace> {
  const place = await AzureKeyVaultPlace.open({});
  await put(place.store(), FIRST);
  return place;
}

async function errorOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await attempt.then(
    (answer) => expect.fail(`no error but ${inspect(answer)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw error;
  return error;
}

/** The message without what differs from run to run. */
function messageOf({ message }: Pick<Error, "message">): string {
  return message
    .replaceAll(/127\.0\.0\.1:\d+/g, "HOST")
    .replaceAll(/request [\w-]{36}/g, "request ID")
    .replaceAll("--vault-name 127", "--vault-name NAME")
    .replaceAll("--name 127", "--name NAME");
}

describe("an operator is told", () => {
  it("that a secret is not there, or no more, and both commands that help", async () => {
    await using place = await openFilled();
    place.vault.secrets.delete(ROTATOR_SECRET);
    const error = await errorOf(place.store().read());
    expect(messageOf(error)).toBe(
      "HOST (paddle-api-key-rotator) does not exist, or has been deleted (404 SecretNotFound, request ID): make it: az keyvault secret set --vault-name NAME --name paddle-api-key-rotator --file FILE, or bring it back: az keyvault secret recover --vault-name NAME --name paddle-api-key-rotator",
    );
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("that a secret was deleted in the middle of a write", async () => {
    await using place = await openFilled();
    const conflict = new Refused(
      409,
      "Conflict",
      "Secret is in a deleted state",
      "ObjectIsDeletedButRecoverable",
    );
    place.vault.failOnce("set", { refusal: conflict });
    const error = await errorOf(put(place.store(), stage(FIRST, pending("second"))));
    expect(messageOf(error)).toBe(
      "HOST (paddle-api-key-rotator) has been deleted (409 ObjectIsDeletedButRecoverable, request ID): recover it: az keyvault secret recover --vault-name NAME --name paddle-api-key-rotator",
    );
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("that a secret is just being recovered, and that this passes", async () => {
    await using place = await openFilled();
    const conflict = new Refused(409, "Conflict", "Secret is being recovered", "ObjectIsBeingRecovered");
    place.vault.failOnce("set", { refusal: conflict });
    const error = await errorOf(put(place.store(), stage(FIRST, pending("second"))));
    expect(error).toMatchObject({ effect: "none", retry: "later" });
  });

  it("that the newest version is disabled, which looks like a missing permission", async () => {
    await using place = await openFilled();
    await place.breakages["the newest version is disabled"]();
    const error = await errorOf(place.store().read());
    expect(messageOf(error)).toBe(
      "HOST (paddle-api-key) has a newest version that is disabled (403 SecretDisabled, request ID): enable it: az keyvault secret set-attributes --id ID --enabled true; applications cannot read it either",
    );
  });

  it.each(["read", "checkWritable"] as const)(
    "by %s that the network is closed, which looks like one too",
    async (method) => {
      await using place = await openFilled();
      await place.breakages["the network is closed"]();
      const error = await errorOf(place.store()[method]());
      expect(messageOf(error)).toBe(
        "HOST (paddle-api-key) is closed to this machine's address by the vault's network rules (403 ForbiddenByFirewall, request ID): let it in: az keyvault network-rule add --name NAME --ip-address ADDRESS, or use its private endpoint",
      );
    },
  );

  it("that a policy stands in the way, which looks like one too", async () => {
    await using place = await openFilled();
    place.vault.failOnce("set", {
      refusal: new Refused(403, "Forbidden", "Disallowed", "ForbiddenByPolicy"),
    });
    const error = await errorOf(put(place.store(), stage(FIRST, pending("second"))));
    expect(messageOf(error)).toMatch(/is refused by an Azure Policy \(403 ForbiddenByPolicy, request ID\)/);
  });

  it("of missing permissions in the words of access policies, where the vault has those", async () => {
    await using place = await openFilled();
    place.vault.model = "access-policies";
    place.vault.deny("set");
    const error = await errorOf(put(place.store(), stage(FIRST, pending("second"))));
    expect(messageOf(error)).toBe(
      "HOST (paddle-api-key-rotator) does not grant secrets set permission (403 AccessDenied, request ID): grant it to the rotator's identity; a new assignment takes some minutes to count",
    );
  });

  it("by one check of everything that is missing, and in which secret", async () => {
    await using place = await openFilled();
    place.vault.deny("set", SECRET);
    place.vault.deny("set", ROTATOR_SECRET);
    place.vault.deny("list", ROTATOR_SECRET);
    const error = await errorOf(place.store().checkWritable());
    expect(messageOf(error)).toBe(
      `HOST (paddle-api-key) does not grant ${ACTIONS.set}; HOST (paddle-api-key-rotator) does not grant ${ACTIONS.set}, ${ACTIONS.list}: grant it to the rotator's identity; a new assignment takes some minutes to count`,
    );
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("by a check that there is no room for the rotator's tag", async () => {
    await using place = await openFilled();
    const tags = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`tag${index}`, "x"]));
    place.vault.secrets.update(SECRET, place.vault.secrets.newest(SECRET).id, { tags });
    const [sentence = ""] = await place.store().checkWritable();
    expect(messageOf({ message: sentence })).toMatch(/^HOST \(paddle-api-key\) has 15 tags.*remove one/);
  });

  it("that a secret would be too large, before anything is sent", async () => {
    await using place = await openFilled();
    const calls = place.vault.calls.length;
    const intentId = "x".repeat(25_600);
    const error = await errorOf(put(place.store(), { ...FIRST, active: { ...FIRST.active, intentId } }));
    expect(messageOf(error)).toMatch(/\(paddle-api-key-rotator\) cannot hold more than 25600 bytes/);
    expect(place.vault.calls.slice(calls).filter(({ action }) => action === "set")).toEqual([]);
  });

  it("that an identity has no access to the vault's tenant", async () => {
    await using place = await openFilled();
    const foreign = new Refused(401, "Unauthorized", "AKV10032: Invalid issuer.");
    place.vault.fail(1_000, { refusal: foreign });
    const error = await errorOf(place.store().read());
    expect(messageOf(error)).toMatch(
      /refuses our tokens \(401 Unauthorized, request ID\): the identity must be of/,
    );
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("that there is no token to be had, and Microsoft's code for it", async () => {
    await using place = await openFilled();
    place.vault.tokens.refusal = new Error("AADSTS7000222: the client secret canary has expired");
    const error = await errorOf(place.store().read());
    expect(messageOf(error)).toMatch(
      /for want of a token from Microsoft Entra ID \(AADSTS7000222\): see the identity/,
    );
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("that the source of tokens is silent, and that nothing was sent", async () => {
    await using place = await openFilled();
    place.vault.tokens.silent = true;
    const error = await errorOf(place.store({ deadlineMs: 50 }).read());
    expect(messageOf(error)).toMatch(/for want of a token from Microsoft Entra ID \(ETIMEDOUT\)/);
    expect(error).toMatchObject({ effect: "none", retry: "later" });
  });

  it("what cannot be reached, where the address is wrong", async () => {
    await using place = await openFilled();
    const store = place.store();
    await place.vault[Symbol.asyncDispose]();
    const error = await errorOf(store.read());
    expect(messageOf(error)).toMatch(/^HOST \(paddle-api-key\) has not answered \(ECONNREFUSED\): see that/);
    expect(error).toMatchObject({ effect: "none", retry: "later" });
  });

  it("nothing that is secret, whatever Azure says", async () => {
    await using place = await openFilled();
    for (const status of [400, 401, 403, 404, 409, 429, 500, 503]) {
      const refusal = new Refused(status, "canary code", "canary message Action: 'canary'", "canary inner");
      place.vault.fail(1_000, { refusal, headers: { "x-ms-request-id": "canary id" } });
      for (const attempt of [() => place.store().read(), () => place.store().checkWritable()])
        expect(inspect(await errorOf(attempt()), { depth: null, showHidden: true }), `${status}`).not.toMatch(
          /canary|token-|firstx/,
        );
    }
  });

  it("the address of the vault again, where that sends us elsewhere: no token follows", async () => {
    await using place = await openFilled();
    await using elsewhere = await openFilled();
    const moved = new Refused(307, "Moved", "Moved");
    const headers = { location: `${elsewhere.vault.url}/secrets/${SECRET}?api-version=7.4` };
    place.vault.fail(1_000, { refusal: moved, headers });
    const calls = elsewhere.vault.calls.length;
    expect(await errorOf(place.store().read())).toMatchObject({ retry: "never" });
    expect(elsewhere.vault.calls).toHaveLength(calls);
  });
});

describe.each(["update", "list"] as const)(
  "the permission to %s, which is needed after a write only",
  (action) => {
    it("is missed by name once the write is done, and the write stands", async () => {
      await using place = await openFilled();
      place.vault.deny(action);
      const second = { ...EMPTY_SLOTS, active: issued("second") };
      const error = await errorOf(put(place.store(), second));
      expect(messageOf(error)).toMatch(
        /^the secrets are written, but not all is done that follows: HOST \(paddle-api-key\)/,
      );
      expect(error.message).toContain(ACTIONS[action]);
      expect(error).toMatchObject({ effect: "unknown" });
      expect(plain((await place.store().read()).slots)).toEqual(plain(second));
    });

    it("is told of by a check before that, and named by the guide", async () => {
      await using place = await openFilled();
      place.vault.deny(action);
      const sentences = await place.store().checkWritable();
      const tag = action === "update" ? " and its tag paddle-old-version names none" : "";
      expect(sentences.map((sentence) => messageOf({ message: sentence }))).toEqual([
        `HOST (paddle-api-key) does not grant ${ACTIONS[action]}, so its old versions stay enabled${tag}: ${GRANT}`,
        `HOST (paddle-api-key-rotator) does not grant ${ACTIONS[action]}, so its old versions stay enabled: ${GRANT}`,
      ]);
      expect(place.store().guide.needs.join("\n")).toContain(ACTIONS[action]);
    });
  },
);

describe("throttling", () => {
  it("is not taken for a write: what was refused is asked again", async () => {
    await using place = await openFilled();
    place.vault.failOnce("set", { refusal: THROTTLED });
    await put(place.store(), stage(FIRST, pending("second")));
    expect((await place.store().read()).slots.pending).not.toBeNull();
  });
});
