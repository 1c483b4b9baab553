/** A sample application that is reached over HTTP, for the contract of consumers. */
import { systemClock } from "../../../src/clock.ts";
import { type HttpOptions, httpConsumer } from "../../../src/consumers/http/consumer.ts";
import type { SwitchOver } from "../../../src/core/consumer.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { ConsumerPlace } from "../../contract/consumer.contract.ts";
import { memoryRecords } from "../memory-records.ts";
import { HttpApplication, jsonReply, type Reply } from "./http-application.ts";

export async function openHttpPlace(overrides: Partial<HttpOptions> = {}): Promise<ConsumerPlace> {
  const application = await HttpApplication.open();
  const records = memoryRecords();
  const options: HttpOptions = {
    name: "billing",
    refreshMs: 0,
    timeoutMs: 10_000,
    notify: { url: `${application.url}/paddle-key/reload`, secret: new Secret(application.secret) },
    verify: { url: `${application.url}/paddle-key?team=canary`, token: new Secret(application.token) },
    expect: null,
    allow: null,
    ...overrides,
  };
  const always = (reply: () => Reply) => async () => {
    application.always = reply;
  };
  return {
    consumer: async () =>
      httpConsumer(options, { clock: systemClock, random: () => 0, records }, { deadlineMs: 500 }),
    told: async () => application.notified.size,
    async goOn(how: "some" | "all", { fingerprint }: SwitchOver) {
      application.uses.set("billing-1", fingerprint);
      if (how === "all") application.uses.set("billing-2", fingerprint);
    },
    everything: async () => JSON.stringify([[...application.notified], [...application.uses]]),
    breakages: {
      "answers 500": always(() => ({ status: 500, body: "canary-verify-token in a stack" })),
      "answers 429": always(() => ({ status: 429, headers: { "retry-after": "7" } })),
      "refuses the credentials": always(() => ({ status: 401 })),
      "is silent": always(() => ({ status: 0 })),
      "drops every connection": always(() => ({ status: 0, drop: true })),
      "redirects to another host": always(() => ({
        status: 307,
        headers: { location: "http://169.254.169.254/latest?token=canary-verify-token%E2%80%AE" },
      })),
      ...(options.verify && breakagesOfVerify(always)),
      "is gone": () => application[Symbol.asyncDispose](),
    },
    secrets: [application.secret, application.secret.slice("whsec_".length), "canary"],
    async beHostile(words) {
      application.always = () =>
        jsonReply({ instances: words.map((id) => ({ id: id || "-", fingerprint: id })) });
    },
    loseNextAnswer: async () => void (application.losesAnswer = true),
    [Symbol.asyncDispose]: () => application[Symbol.asyncDispose](),
  };
}

/** Answers that are good enough for a notification. */
function breakagesOfVerify(always: (reply: () => Reply) => () => Promise<void>) {
  return {
    "answers a page": always(() => ({
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<p>canary-verify-token</p>",
    })),
    "answers no fingerprint": always(() => jsonReply({ ok: true, token: "canary-verify-token" })),
    "answers too much": always(() => jsonReply({ padding: "x".repeat(300 * 1024) })),
  };
}
