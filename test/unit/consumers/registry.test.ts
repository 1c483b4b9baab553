/** The configuration's words lead to the right consumer. */
import { describe, expect, expectTypeOf, it } from "vitest";
import type { ConsumerConfig } from "../../../src/config/consumers/consumers.ts";
import { type ConsumerNeeds, createConsumer } from "../../../src/consumers/registry.ts";
import { memoryAttestations } from "../../support/consumers/memory-attestations.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const SWITCH_OVER = {
  id: "sw_1",
  keyName: "billing-worker",
  rotationId: null,
  fingerprint: "sha256:0123456789abcdef",
};
const COMMON = { name: "billing", refreshMs: 60_000, timeoutMs: 600_000, attest: null };

function needs(attestations = memoryAttestations()): ConsumerNeeds {
  return { clock: new FakeClock(), random: () => 0, records: memoryRecords(), attestations, env: {} };
}

describe("a consumer from the registry", () => {
  it("is of the kind that the configuration says, and asks nothing yet", async () => {
    const verify = { url: "https://nowhere.invalid/paddle-key", token: null };
    const options = { ...COMMON, type: "http", notify: null, verify, expect: null, allow: null } as const;
    expect((await createConsumer(options, needs())).needs).toEqual([
      "GET https://nowhere.invalid/paddle-key",
    ]);

    const run = ["/no/such/program"] as const;
    const command = await createConsumer({ ...COMMON, type: "command", run, verify: null, env: [] }, needs());
    expect(command.needs).toEqual(["run /no/such/program"]);
  });

  it("hears its instances where the configuration lets them attest", async () => {
    const attestations = memoryAttestations();
    const attest = { expect: 1 };
    const consumer = await createConsumer({ ...COMMON, type: "none", attest }, needs(attestations));
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("under-way");
    await attestations.take("billing", { instance: "a", fingerprint: SWITCH_OVER.fingerprint });
    expect((await consumer.observe(SWITCH_OVER)).state).toBe("proved");
  });

  it("can be had for every kind of consumer that the configuration knows", () => {
    expectTypeOf<ConsumerConfig>().toExtend<Parameters<typeof createConsumer>[0]>();
  });
});
