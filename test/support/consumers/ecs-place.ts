/** Services of the fake Amazon ECS, for tests of the consumer ecs. */
import { systemClock } from "../../../src/clock.ts";
import { type EcsOptions, ecsConsumer } from "../../../src/consumers/ecs/consumer.ts";
import type { ConsumerPlace } from "../../contract/consumer.contract.ts";
import { memoryRecords } from "../memory-records.ts";
import { CLUSTER, FakeEcs, REGION } from "./ecs-fake.ts";

const PATIENCE = { requestMs: 500, operationMs: 800, pauseMs: 2 };

export class EcsPlace implements AsyncDisposable {
  readonly ecs: FakeEcs;
  readonly records = memoryRecords();

  private constructor(ecs: FakeEcs) {
    this.ecs = ecs;
  }

  static async open(): Promise<EcsPlace> {
    return new EcsPlace(await FakeEcs.open());
  }

  /** For all services that there are by now. */
  consumer(options: Partial<EcsOptions> = {}, records: EcsPlace["records"] = this.records) {
    const usual: EcsOptions = {
      name: "billing",
      refreshMs: 0,
      timeoutMs: 600_000,
      cluster: CLUSTER,
      services: [...this.ecs.services.keys()],
      region: REGION,
      endpoint: this.ecs.url,
      role: null,
    };
    const needs = { clock: systemClock, random: () => 0.5, records };
    return ecsConsumer({ ...usual, ...options }, needs, { patience: PATIENCE });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.ecs[Symbol.asyncDispose]();
  }
}

/** Two services, for the contract of consumers. */
export async function openEcsPlace(): Promise<ConsumerPlace> {
  const place = await EcsPlace.open();
  const { ecs } = place;
  const [web, worker] = [ecs.add("web"), ecs.add("worker")];
  const consumer = place.consumer();
  const answersWith = (status: number, type: string, body: string) => async () => {
    ecs.always = {
      status,
      headers: { "content-type": type, location: "http://169.254.169.254/canary" },
      body,
    };
  };
  return {
    // Processes of their own: only the records are shared.
    consumer: async () => place.consumer({ services: ["web", "worker"] }),
    told: async () => web.forced,
    async goOn(how) {
      web.roll();
      worker.roll(how === "all" ? Infinity : 1);
    },
    everything: async () => JSON.stringify([web, worker]),
    breakages: {
      "is closed": async () => void ecs.denied.add("ecs:DescribeServices"),
      "has no service": async () => void ecs.services.delete("web"),
      "is silent": async () => void (ecs.silent = true),
      "answers 500": answersWith(
        500,
        "application/x-amz-json-1.1",
        '{"__type":"ServerException","message":"canary"}',
      ),
      "is behind a sign-in page": answersWith(200, "text/html", "<p>canary</p>"),
      redirects: answersWith(307, "text/plain", "canary"),
      "answers what is none of it": answersWith(
        200,
        "application/x-amz-json-1.1",
        '{"services":[{"canary":1}]}',
      ),
      "is out of reach": () => ecs[Symbol.asyncDispose](),
    },
    secrets: ["canary", process.env["AWS_SECRET_ACCESS_KEY"] ?? "", process.env["AWS_ACCESS_KEY_ID"] ?? ""],
    beHostile: async (words) => {
      for (const word of words) {
        worker.say(word);
        await consumer.observe({ id: "sw_7f3a9c", keyName: "k", rotationId: null, fingerprint: "" });
      }
    },
    loseNextAnswer: async () => void (ecs.losesNextUpdate = true),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}
