/**
 * Signed webhooks at a steady rate, for docker/verify: `load.ts <address> <a second> <seconds>`. It sends as a balancer
 * does: while /readyz says yes, looking every 100 ms. Prints the id of every event that was answered 200 and, at the end,
 * how the others fared: put off (503, Paddle sends again), unanswered (what must not happen), held (not sent: not ready).
 */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { eventBody, keyData } from "../../test/support/paddle-simulator/events.ts";
import { signWebhook } from "../../test/support/paddle-simulator/sign.ts";

/** Paddle waits 5 s for an answer. */
const ANSWER_WITHIN_MS = 5_000;
const READY_EVERY_MS = 100;

const [address = "", perSecond = "200", seconds = "8"] = process.argv.slice(2);
const secret = readFileSync(process.env["PADDLE_WEBHOOK_SECRETS_FILE"] ?? "", "utf8").trim();
const url = new URL("/webhooks/paddle", address);
// Once: the name of a container that has stopped is asked for at servers far away, with patience.
url.hostname = (await lookup(url.hostname)).address;
const count = { accepted: 0, put_off: 0, unanswered: 0, held: 0 };

async function send(eventId: string): Promise<void> {
  const body = eventBody("api_key.updated", keyData(), { eventId });
  const call = request(url, {
    method: "POST",
    agent: false,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    headers: {
      "content-type": "application/json",
      "paddle-signature": signWebhook(secret, body, Math.floor(Date.now() / 1000)),
    },
  });
  try {
    const [answer] = await once(call.end(body), "response");
    answer.resume();
    if (answer.statusCode === 200) {
      count.accepted += 1;
      process.stdout.write(`accepted ${eventId}\n`);
    } else count.put_off += 1;
  } catch {
    count.unanswered += 1;
  }
}

let ready = true;
async function look(): Promise<void> {
  const answer = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(2_000) }).catch(
    () => null,
  );
  await answer?.arrayBuffer();
  ready = answer?.ok ?? false;
}
const looking = setInterval(() => void look(), READY_EVERY_MS);

const sent: Promise<void>[] = [];
const begunAt = performance.now();
const total = Number(perSecond) * Number(seconds);
for (let index = 0; index < total; index += 1) {
  const due = begunAt + (index * 1000) / Number(perSecond);
  if (due > performance.now()) await pause(due - performance.now());
  if (ready) sent.push(send(`evt_load${index.toString(36).padStart(22, "0")}`));
  else count.held += 1;
}
await Promise.all(sent);
clearInterval(looking);
const summary = Object.entries(count).map(([what, times]) => `${what}=${times}`);
process.stdout.write(`${summary.join(" ")}\n`);
