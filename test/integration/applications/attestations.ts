/** The route of the rotator that takes attestations, on the loopback. */
import fastify from "fastify";
import { systemClock } from "../../../src/clock.ts";
import { Secret } from "../../../src/core/secret.ts";
import { serveAttestations } from "../../../src/http/attestation-route.ts";
import { captureLog } from "../../support/captured-log.ts";
import { memoryAttestations } from "../../support/consumers/memory-attestations.ts";

export const ROTATOR_TOKEN = "canary-token-of-billing";

export async function openAttestations() {
  const attestations = memoryAttestations();
  const app = fastify();
  await app.register(serveAttestations, {
    consumers: [{ name: "billing", token: new Secret(ROTATOR_TOKEN) }],
    attestations,
    clock: systemClock,
    log: captureLog().log,
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    given: async () => (await attestations.of("billing")).attestations,
    [Symbol.asyncDispose]: async () => app.close(),
  };
}
