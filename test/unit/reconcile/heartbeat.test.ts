/** What the log says of a heartbeat that did not arrive. Its address is a secret, but for the host. */
import { expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { beat, type Get } from "../../../src/reconcile/heartbeat.ts";
import { captureLog } from "../../support/captured-log.ts";

const URL_OF_MONITOR = new Secret("https://user-s3cret@hc.example:8443/s3cret?token=s3cret");

async function lineOf(get: Get) {
  const captured = captureLog();
  await beat(URL_OF_MONITOR, { get, log: captured.log });
  expect(captured.text()).not.toContain("s3cret");
  expect(captured.lines).toHaveLength(1);
  return captured.lines[0];
}

const failing = (error: Error) =>
  lineOf(async () => {
    throw error;
  });

it("names the host of the monitor, and where its address is configured", async () => {
  expect(await failing(new Error("getaddrinfo https://hc.example/s3cret"))).toMatchObject({
    host: "hc.example:8443",
    msg: "the heartbeat could not be sent: check reconcile.heartbeat",
  });
  expect(await lineOf(async () => ({ status: 404, body: null }))).toMatchObject({
    host: "hc.example:8443",
    status: 404,
    msg: "the heartbeat was not taken: check reconcile.heartbeat",
  });
});

it("says how long it waited in vain", async () => {
  const overdue = new DOMException("s3cret", "TimeoutError");
  expect(await failing(overdue)).toMatchObject({ reason: "no answer within 5 s" });
});

it("says by its code why no answer came", async () => {
  const error = Object.assign(new Error("getaddrinfo s3cret"), { code: "ENOTFOUND" });
  expect(await failing(error)).toMatchObject({ reason: "no answer (ENOTFOUND)" });
});
