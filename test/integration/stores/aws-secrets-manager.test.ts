/** What is special about AWS Secrets Manager: shapes, first values, labels, quotas, credentials, keys of KMS. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS, promote, retire, type Slots, stage, swapBack } from "../../../src/core/slots.ts";
import { issued, issuedByUs, pending, plain, put, secretText } from "../../contract/secret-store-samples.ts";
import { Refused } from "../../support/stores/aws-secret.ts";
import { REGION, ROLE } from "../../support/stores/aws-secrets-manager-fake.ts";
import { AwsPlace, type Layout } from "../../support/stores/aws-secrets-manager-place.ts";

const FIRST: Slots = { ...EMPTY_SLOTS, active: issued("first") };
const STAGED = stage(FIRST, pending("next"));
const PROMOTED = promote(STAGED, { slot: "active", until: 0 });

const text = (place: AwsPlace, label: string) => place.secret.holder(label)?.text ?? null;
const open = (layout: Layout = "json versions") => AwsPlace.open({ PORT: "1" }, layout);

describe("the shape of a secret", () => {
  it.each([
    ["JSON with api_key", JSON.stringify({ api_key: secretText("held") }), "versions"],
    ["a bare key", `${secretText("held")}\n`, "versions"],
    ["JSON with ACTIVE_PADDLE_KEY", JSON.stringify({ ACTIVE_PADDLE_KEY: secretText("held") }), "fields"],
  ])("is found by its value: %s", async (_name, value, shape) => {
    await using place = await open("no value");
    place.put(value);
    const store = place.store({ shape: "auto" });
    const { slots } = await store.read();
    expect(slots.active?.secret.reveal()).toBe(secretText("held"));
    await put(store, stage(slots, pending("next")));
    expect(place.secret.holder("AWSPENDING") === undefined).toBe(shape === "fields");
    expect(store.guide.applicationsRead).toContain(shape === "fields" ? "OLD_PADDLE_KEY" : "AWSPREVIOUS");
  });

  it("is asked for where the value does not tell", async () => {
    await using place = await open("no value");
    place.put(JSON.stringify({ password: "canary" }));
    const error = await failure(place.store({ shape: "auto" }).read());
    expect(error.message).toMatch(/prod\/paddle in eu-west-1 .*: set shape/);
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it.each(["auto", "versions", "fields"] as const)(
    "can be given to a secret without a value by twenty at once, one of whom wins (%s)",
    async (shape) => {
      await using place = await open("no value");
      const writers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const store = place.store({ shape, role: null }, { operationMs: 20_000, requestMs: 10_000 });
          return {
            store,
            ...(await store.read()),
            mine: { ...EMPTY_SLOTS, active: issued(`writer${index}`) },
          };
        }),
      );
      for (const { slots } of writers) expect(slots).toEqual(EMPTY_SLOTS);
      const results = await Promise.all(
        writers.map(({ store, mine, version }) => store.write(mine, version)),
      );
      expect(results.filter((result) => result === "written")).toHaveLength(1);
      const winner = writers[results.indexOf("written")];
      expect(plain((await place.store({ shape }).read()).slots)).toEqual(plain(winner?.mine ?? EMPTY_SLOTS));
    },
  );
});

describe("the labels of a secret", () => {
  it("are those that AWS's own conventions and clients know", async () => {
    await using place = await open();
    const store = place.store();
    await put(store, STAGED);
    expect(text(place, "AWSPENDING")).toContain(secretText("next"));
    const version = place.secret.holder("AWSPENDING")?.id;
    await put(store, PROMOTED);
    expect(place.secret.holder("AWSCURRENT")?.id).toBe(version);
    expect(text(place, "AWSPREVIOUS")).toContain(secretText("first"));
    expect(place.secret.holder("AWSPENDING")).toBeUndefined();
    await put(store, retire(PROMOTED));
    expect(place.secret.holder("AWSPREVIOUS")).toBeUndefined();
  });

  it("keep the old secret in reach when a person edits another field during a rollback", async () => {
    await using place = await open();
    const store = place.store();
    const rolledBack = swapBack(PROMOTED);
    await put(store, rolledBack);
    const fields: object = JSON.parse(text(place, "AWSCURRENT") ?? "{}");
    place.put(JSON.stringify({ ...fields, PORT: "2" }));
    expect(text(place, "AWSPREVIOUS")).toContain(secretText("first"));
    expect(plain((await store.read()).slots)).toEqual(plain(rolledBack));
  });

  it("never name an empty version that a broken rotation left behind", async () => {
    await using place = await open();
    await put(place.store(), FIRST);
    place.secret.add("0".repeat(32), null, ["AWSPENDING"]);
    expect((await place.store().read()).slots.pending).toBeNull();
    await put(place.store(), STAGED);
    expect(plain((await place.store().read()).slots)).toEqual(plain(STAGED));
  });

  it("leave AWSPENDING and AWSCURRENT of fields to the rest of AWS", async () => {
    await using place = await open("fields");
    await put(place.store(), STAGED);
    const labels = place.aws.calls.flatMap(({ input }) => [input["VersionStages"], input["VersionStage"]]);
    expect(labels.flat()).not.toContain("AWSPENDING");
    const moves = place.aws.calls.filter(({ operation }) => operation === "UpdateSecretVersionStage");
    expect(moves.map(({ input }) => input["RemoveFromVersionId"])).not.toContain(undefined);
  });
});

it("keeps the spelling of numbers and the order of other fields", async () => {
  await using place = await open("no value");
  place.put(`{"max":1.0,"id":12345678901234567890,"api_key":"${secretText("first")}","end":1e3}`);
  const { slots } = await place.store().read();
  await put(place.store(), promote(stage(slots, pending("next")), null));
  expect(text(place, "AWSCURRENT")).toBe(
    `{"max":1.0,"id":12345678901234567890,"api_key":"${secretText("next")}","end":1e3}`,
  );
});

it("makes the same version of the same write, and tells nothing of a value by a version's id", async () => {
  const ids: (string | undefined)[] = [];
  for (let run = 0; run < 2; run += 1) {
    await using place = await open();
    await put(place.store(), FIRST);
    await put(place.store(), stage(FIRST, { ...pending("next"), ...issuedByUs("next") }));
    ids.push(place.secret.holder("AWSPENDING")?.id);
  }
  expect(ids[0]).toMatch(/^[\da-f]{64}$/);
  expect(ids[1]).toBe(ids[0]);
});

describe("what AWS refuses", () => {
  it.each([
    ["kms:GenerateDataKey", /kms:GenerateDataKey .*1234abcd/],
    ["sts:AssumeRole", new RegExp(`${ROLE}.*sts:AssumeRole`)],
  ])("is named with its remedy: %s", async (permission, words) => {
    await using place = await open();
    const { version } = await place.store().read();
    place.aws.denied.add(permission);
    const error = await failure(place.store().write(FIRST, version));
    expect(error.message).toMatch(words);
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("names both permissions that a check finds missing", async () => {
    await using place = await open();
    place.aws.denied.add("secretsmanager:PutSecretValue").add("secretsmanager:UpdateSecretVersionStage");
    const { message } = await failure(place.store().checkWritable());
    expect(message).toMatch(/secretsmanager:PutSecretValue.*secretsmanager:UpdateSecretVersionStage/);
  });

  it.each([
    ["DecryptionFailure", /KMS key .*enable/, "never"],
    ["LimitExceededException", /quota/, "later"],
    ["InternalServiceError", /does not answer/, "later"],
  ] as const)("is explained: %s", async (code, words, retry) => {
    await using place = await open();
    const { version } = await place.store().read();
    const before = await place.everything();
    place.aws.beforeCall = async (operation) => {
      if (operation !== "PutSecretValue") return;
      place.aws.refusals.push(new Refused(code, "canary", code === "InternalServiceError" ? 500 : 400));
    };
    const error = await failure(place.store().write(FIRST, version));
    expect(error.message).toMatch(words);
    expect(error).toMatchObject({ effect: "none", retry });
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/canary/);
    expect(await place.everything()).toBe(before);
  });

  it("says how a secret that does not exist is made", async () => {
    await using place = await open();
    const { message } = await failure(place.store({ secret: "prod/other" }).read());
    expect(message).toContain(`aws secretsmanager create-secret --name prod/other --region ${REGION}`);
  });

  it("leaves a secret alone that a rotation function or a partner rotates, or that is a replica", async () => {
    const states: readonly [string, (place: AwsPlace) => void][] = [
      ["cancel-rotate-secret", ({ secret }) => void (secret.rotationEnabled = true)],
      ["another partner", ({ secret }) => void (secret.type = "SalesforceClientSecret")],
      ["region: us-east-1", ({ secret }) => void (secret.primaryRegion = "us-east-1")],
    ];
    for (const [words, change] of states) {
      await using place = await open();
      await put(place.store(), FIRST);
      change(place);
      const { slots, version } = await place.store().read();
      const before = await place.everything();
      for (const attempt of [
        () => place.store().write(slots, version),
        () => place.store().checkWritable(),
      ]) {
        const error = await failure(attempt());
        expect(error.message).toContain(words);
        expect(error).toMatchObject({ effect: "none", retry: "never" });
      }
      expect(await place.everything()).toBe(before);
    }
  });
});

it("assumes its role once for many calls, and never without the external id", async () => {
  await using place = await open();
  place.aws.externalId = "billing";
  const store = place.store({ role: { arn: ROLE, externalId: "billing" } });
  await put(store, FIRST);
  await store.read();
  expect(place.aws.assumptions).toBe(1);
  expect((await failure(place.store().read())).message).toContain("sts:AssumeRole");
});

it("uses nothing but the permissions that its guide lists", async () => {
  await using place = await open();
  const store = place.store();
  for (const slots of [FIRST, STAGED, PROMOTED, retire(PROMOTED)]) await put(store, slots);
  await store.checkWritable();
  const policy = store.guide.needs.join("\n");
  expect(() => JSON.parse(policy)).not.toThrow();
  for (const { operation } of place.aws.calls) expect(policy).toContain(`"secretsmanager:${operation}"`);
});

async function failure(attempt: Promise<unknown>): Promise<Error> {
  const error: unknown = await attempt.then(
    () => expect.fail("no error"),
    (reason: unknown) => reason,
  );
  return error as Error;
}
