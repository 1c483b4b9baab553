/** Tells the rotator every two minutes which key this process uses, where the rotator cannot ask it. */
import { hostname } from "node:os";
import { fingerprint } from "./keys.mjs";

const { ROTATOR_URL: url, ROTATOR_TOKEN: token, ROTATOR_CONSUMER: consumer } = process.env;
if (!url || !token || !consumer) throw new Error("set ROTATOR_URL, ROTATOR_TOKEN and ROTATOR_CONSUMER");
const instance = `${hostname()}-${process.pid}`;

async function attest() {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ consumer, instance, fingerprint: fingerprint() });
  const signal = AbortSignal.timeout(10_000);
  const answer = await fetch(`${url}/attestations`, {
    method: "POST",
    headers,
    body,
    signal,
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`the rotator answered ${answer.status}`);
}

/** An application goes on without the rotator: a failure is told, and the next time comes. */
const report = () => attest().catch((error) => process.emitWarning(`not attested: ${error.message}`));
void report();
setInterval(() => void report(), 120_000).unref();
