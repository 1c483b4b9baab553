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
    expect(await store.platform.state()).toEqual({ kind: "idle" });
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
    expect(await world.store.platform.state()).toEqual({ kind: "running" });
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
      expect(await store.platform.state()).toEqual({ kind: "running" });
      await clock.advance(1000);
      const state = await store.platform.state();
      const version = secret.holder("AWSPENDING")?.id ?? "";
      expect(state).toEqual({
        kind: "stuck",
        remedy: expect.stringContaining(
          `aws secretsmanager update-secret-version-stage --secret-id prod/paddle --region ${REGION} --version-stage AWSPENDING --remove-from-version-id ${version}`,
        ),
      });
      secret.relabel("AWSPENDING", version, undefined);
      expect(await store.platform.state()).toEqual({ kind: "idle" });
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

  it("is stuck when AWS is behind its own schedule, because its rotations fail", async () => {
    await using world = await open();
    world.secret.nextRotationAt = NOW - 15 * MINUTE_MS;
    expect(await world.store.platform.state()).toEqual({ kind: "idle" });
    world.secret.nextRotationAt -= 1000;
    expect(await world.store.platform.state()).toEqual({
      kind: "stuck",
      remedy: expect.stringContaining("RotationFailed"),
    });
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
