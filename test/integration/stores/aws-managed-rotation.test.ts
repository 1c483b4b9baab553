/** A managed external secret: AWS rotates it; the rotator asks, looks on, and says how to free it. */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { AwsSecretsManagerStore } from "../../../src/stores/aws-secrets-manager/store.ts";
import { secretText } from "../../contract/secret-store-samples.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FakeAws, REGION } from "../../support/stores/aws-secrets-manager-fake.ts";
import type { FakeSecret } from "../../support/stores/aws-secret.ts";

const MINUTE_MS = 60_000;
const NOW = Date.UTC(2026, 10, 21);

type World = AsyncDisposable & {
  readonly aws: FakeAws;
  readonly secret: FakeSecret;
  readonly store: AwsSecretsManagerStore;
  readonly clock: FakeClock;
};

async function open(): Promise<World> {
  const clock = new FakeClock(NOW);
  const aws = await FakeAws.open(() => clock.now());
  const secret = aws.create("prod/paddle");
  secret.type = "PaddleApiKey";
  secret.metadata = [
    { Key: "apiVersion", Value: "1" },
    { Key: "gracePeriodSeconds", Value: "300" },
  ];
  secret.put("0".repeat(32), JSON.stringify({ api_key: secretText("first"), note: "kept" }));
  const store = new AwsSecretsManagerStore(
    {
      secret: "prod/paddle",
      region: REGION,
      endpoint: aws.url,
      role: null,
      shape: "auto",
      field: "api_key",
      fields: { active: "A", old: "O", pending: "P", standby: "S" },
    },
    // Time of the world stands still; pauses between two tries do not.
    {
      clock: { now: () => clock.now(), sleep: (ms, signal) => systemClock.sleep(ms, signal) },
      patience: { requestMs: 1_000, operationMs: 5_000, pauseMs: 2 },
    },
  );
  return { aws, secret, store, clock, [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose]() };
}

describe("a managed external secret", () => {
  it("is rotated by AWS, with the grace that was asked for, and read as any other", async () => {
    await using world = await open();
    const { aws, store } = world;
    const asked: unknown[] = [];
    aws.hooks = {
      onRotate: async (current, graceSeconds) => {
        asked.push([current, graceSeconds]);
        return secretText("second");
      },
      validate: async (next) => void asked.push(next),
    };
    expect(await store.platform.inCharge()).toBe(true);
    await store.platform.start({ intentId: "evt_1", graceSeconds: 0 });
    await aws.rotation;
    expect(asked).toEqual([[secretText("first"), 0], secretText("second")]);
    expect(await store.platform.state("evt_1")).toEqual({ kind: "done" });
    expect(await store.platform.state("evt_2")).toEqual({ kind: "idle" });
    const { slots } = await store.read();
    expect([slots.active, slots.old].map((issued) => issued?.secret.reveal())).toEqual(
      ["second", "first"].map(secretText),
    );
    expect(world.secret.metadata).toEqual([
      { Key: "apiVersion", Value: "1" },
      { Key: "gracePeriodSeconds", Value: "0" },
    ]);
  });

  it("is rotated once for an intent, however often it is asked and whatever answer is lost", async () => {
    await using world = await open();
    const { aws, store } = world;
    let rotations = 0;
    aws.hooks = { onRotate: async () => secretText(`next${(rotations += 1)}`), validate: async () => {} };
    aws.losesNextWrite = true;
    await store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
    await store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
    await aws.rotation;
    await store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
    expect(rotations).toBe(1);
  });

  it("shows no pending secret, for AWS activates it", async () => {
    await using world = await open();
    world.aws.hangsAt = "test";
    world.aws.hooks = { onRotate: async () => secretText("second"), validate: async () => {} };
    await world.store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
    await world.aws.rotation;
    expect((await world.store.read()).slots.pending).toBeNull();
    expect(await world.store.platform.state("evt_1")).toEqual({ kind: "running", since: NOW });
  });

  it.each(["create", "set", "test", "finish"] as const)(
    "is stuck once AWS has hung for more than 15 minutes at %s, and can be freed as it is said",
    async (step) => {
      await using world = await open();
      const { aws, store, secret, clock } = world;
      aws.hooks = { onRotate: async () => secretText("second"), validate: async () => {} };
      aws.hangsAt = step;
      await store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
      await aws.rotation;
      await clock.advance(15 * MINUTE_MS);
      expect(await store.platform.state("evt_1")).toEqual({ kind: "running", since: NOW });
      await clock.advance(1000);
      const state = await store.platform.state("evt_1");
      const version = secret.holder("AWSPENDING")?.id ?? "";
      const relabel = `aws secretsmanager update-secret-version-stage --secret-id prod/paddle --region ${REGION} --version-stage`;
      const hasValue = step === "test" || step === "finish";
      expect(state).toEqual({
        kind: "stuck",
        since: NOW,
        free: expect.stringContaining(`${relabel} AWSPENDING --remove-from-version-id ${version}`),
        finish: hasValue
          ? expect.stringContaining(
              `${relabel} AWSCURRENT --move-to-version-id ${version} --remove-from-version-id ${"0".repeat(32)}`,
            )
          : null,
      });
      secret.relabel("AWSPENDING", version, undefined);
      expect(await store.platform.state("evt_1")).toEqual({ kind: "idle" });
      // The version is still there without a label, and its id can't be used again.
      aws.hangsAt = null;
      await store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
      await aws.rotation;
      expect(await store.platform.state("evt_1")).toEqual({ kind: "done" });
    },
  );

  it("waits for a rotation of somebody else, and rotates after it", async () => {
    await using world = await open();
    const { aws, store, secret } = world;
    secret.add("1".repeat(32), null, ["AWSPENDING"]);
    await expect(store.platform.start({ intentId: "evt_1", graceSeconds: 0 })).rejects.toMatchObject({
      message: expect.stringContaining("is being rotated by AWS already"),
      effect: "none",
      retry: "later",
    });
    secret.relabel("AWSPENDING", "1".repeat(32), undefined);
    aws.hooks = { onRotate: async () => secretText("second"), validate: async () => {} };
    await store.platform.start({ intentId: "evt_1", graceSeconds: 0 });
    await aws.rotation;
    expect((await store.read()).slots.active?.secret.reveal()).toBe(secretText("second"));
  });

  it("is done for its intent also when it was rotated again, and in whichever order the two are looked at", async () => {
    await using world = await open();
    const { aws, store } = world;
    let rotations = 0;
    aws.hooks = { onRotate: async () => secretText(`next${(rotations += 1)}`), validate: async () => {} };
    for (const intentId of ["evt_1", "evt_2"]) {
      await store.platform.start({ intentId, graceSeconds: 60 });
      await aws.rotation;
    }
    expect(await store.platform.state("evt_1")).toEqual({ kind: "done" });
    expect(await store.platform.state("evt_2")).toEqual({ kind: "done" });
  });

  it("gives up once a person has taken back every try, and says where to look", async () => {
    await using world = await open();
    const { aws, store, secret } = world;
    aws.hangsAt = "create";
    const start = () => store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
    for (let tries = 0; tries < 5; tries += 1) {
      await start();
      secret.relabel("AWSPENDING", secret.holder("AWSPENDING")?.id, undefined);
    }
    await expect(start()).rejects.toMatchObject({
      message: expect.stringContaining("RotationFailed in CloudTrail"),
      retry: "never",
    });
  });

  it("tells from AWS's own dates when its secrets were issued, and when the old one dies", async () => {
    await using world = await open();
    const { aws, store, clock } = world;
    aws.hooks = {
      onRotate: async () => secretText("second"),
      // A step that AWS had to try again: the grace begins with the first use.
      validate: () => clock.advance(3 * MINUTE_MS),
    };
    await clock.advance(MINUTE_MS);
    await store.platform.start({ intentId: "evt_1", graceSeconds: 60 });
    await aws.rotation;
    const { active, old, pending, standby } = (await store.read()).slots;
    expect(active).toMatchObject({ issuedAt: NOW + MINUTE_MS, rotationId: null, intentId: null });
    expect(old).toMatchObject({ issuedAt: NOW, until: NOW + 5 * MINUTE_MS });
    expect([pending, standby]).toEqual([null, null]);
  });

  it("takes 300 seconds for the grace where nobody has named one, as AWS does", async () => {
    await using world = await open();
    const { secret, store } = world;
    secret.metadata = [];
    secret.put("1".repeat(32), JSON.stringify({ api_key: secretText("second") }));
    expect((await store.read()).slots.old?.until).toBe(NOW + 5 * MINUTE_MS);
  });

  it("needs permissions to look on, which a check names, and says what no check can find out", async () => {
    await using world = await open();
    const { store, aws } = world;
    expect(await store.checkWritable()).toEqual([expect.stringContaining("secretsmanager:RotateSecret")]);
    aws.denied.add("secretsmanager:ListSecretVersionIds");
    await expect(store.checkWritable()).rejects.toMatchObject({
      message: expect.stringContaining("secretsmanager:ListSecretVersionIds"),
    });
    const written = aws.calls.filter(({ operation }) => /^(Put|Update|Rotate)/.test(operation));
    expect(written).toEqual([]);
  });

  it("is never written, and says so", async () => {
    await using world = await open();
    const { store, aws } = world;
    const { slots, version } = await store.read();
    await expect(store.write(slots, version)).rejects.toMatchObject({
      message: expect.stringContaining("AWS rotates this secret itself"),
      retry: "never",
    });
    const written = aws.calls.filter(({ operation }) => /^(Put|Update)/.test(operation));
    expect(written).toEqual([]);
  });

  it("cannot be rotated without permission, which the error names", async () => {
    await using world = await open();
    world.aws.denied.add("secretsmanager:RotateSecret");
    await expect(world.store.platform.start({ intentId: "evt_1", graceSeconds: 0 })).rejects.toMatchObject({
      message: expect.stringContaining("secretsmanager:RotateSecret"),
      retry: "never",
    });
  });

  it("leaves every other secret to this process", async () => {
    await using world = await open();
    world.secret.type = null;
    expect(await world.store.platform.inCharge()).toBe(false);
  });
});
