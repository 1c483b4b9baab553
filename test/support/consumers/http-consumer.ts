/** A consumer of a sample application that is reached over HTTP, in no hurry and without pauses. */
import { type HttpOptions, httpConsumer } from "../../../src/consumers/http/consumer.ts";
import type { Resolve } from "../../../src/requests/lookup.ts";
import type { Consumer, SwitchOver } from "../../../src/core/consumer.ts";
import type { Clock } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { memoryRecords } from "../memory-records.ts";
import type { HttpApplication } from "./http-application.ts";

export const SWITCH_OVER: SwitchOver = {
  id: "sw_7f3a9c",
  keyName: "billing-worker",
  rotationId: "apkrot_01kad0000000000000000000d1",
  fingerprint: "sha256:0123456789abcdef",
};

/** Waits for nothing between two tries, and never loses patience. */
const unhurried: Clock = {
  now: () => Date.now(),
  sleep: (_ms, signal) => (signal ? new Promise(() => {}) : Promise.resolve()),
};

export type Net = { readonly resolve?: Resolve; readonly clock?: Clock; readonly url?: string };

export function consumerOf(
  application: HttpApplication,
  options: Partial<HttpOptions> = {},
  { resolve, clock = unhurried, url = application.url }: Net = {},
): Consumer {
  return httpConsumer(
    {
      name: "billing",
      refreshMs: 0,
      timeoutMs: 10_000,
      notify: { url: `${url}/paddle-key/reload`, secret: new Secret(application.secret) },
      verify: { url: `${url}/paddle-key`, token: new Secret(application.token) },
      expect: null,
      allow: null,
      ...options,
    },
    { clock, random: () => 0, records: memoryRecords() },
    resolve ? { resolve } : {},
  );
}
