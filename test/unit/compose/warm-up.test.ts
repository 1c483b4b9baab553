/** What the start says of Paddle before a job needs it. */
import { expect, it } from "vitest";
import { warmUp } from "../../../src/compose/keys.ts";
import { PaddleError } from "../../../src/core/errors.ts";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { issuedByUs } from "../../contract/secret-store-samples.ts";
import { captureLog } from "../../support/captured-log.ts";
import { MemoryStore } from "../../support/memory-store.ts";

async function linesWhere(probe: () => Promise<void>) {
  const { log, lines } = captureLog();
  const store = new MemoryStore({ ...EMPTY_SLOTS, active: issuedByUs("active") });
  await warmUp([{ store }], probe, log);
  return lines;
}

const failing = (code: string, message: string) => () =>
  Promise.reject(new PaddleError(message, { code, status: null, effect: "none", retry: "later" }));

it("says why Paddle does not answer", async () => {
  const why = "no connection to https://api.paddle.com (ECONNREFUSED): check DNS, firewall and TLS";
  expect(await linesWhere(failing("not_connected", why))).toMatchObject([
    { msg: "Paddle does not answer; rotations will be tried again until it does", reason: why },
  ]);
});

it("quotes nobody else's error", async () => {
  const lines = await linesWhere(() => Promise.reject(new Error("canary")));
  expect(lines).toMatchObject([{ reason: expect.any(String) }]);
  expect(JSON.stringify(lines)).not.toContain("canary");
});

it("has nothing to say where Paddle answers, or where the service stops before it could", async () => {
  expect(await linesWhere(async () => {})).toEqual([]);
  expect(await linesWhere(failing("client_closed", "this service is shutting down"))).toEqual([]);
});
