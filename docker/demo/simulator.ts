/**
 * The demo's Paddle: makes one key, puts it where the application reads it, and delivers webhooks to the service. Once
 * the application has worked for a while, the key is about to expire, and later it leaks; then it starts over.
 * The destination signs with the secret that the service was given: PADDLE_WEBHOOK_SECRETS_FILE.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { startPaddleSimulator } from "../../test/support/paddle-simulator/start.ts";

const KEYS = "/srv/keys";
/** With the graces of docker/demo/demo.yaml, every act is over when the next begins. */
const ACT_EVERY_MS = Number(process.env["ACT_EVERY_SECONDS"] ?? "30") * 1000;
const DAY_MS = 86_400_000;

const secret = readFileSync(process.env["PADDLE_WEBHOOK_SECRETS_FILE"] ?? "", "utf8").trim();
// The application makes more requests than Paddle grants an address, so its limit is off here.
const paddle = await startPaddleSimulator({
  host: "0.0.0.0",
  port: 4010,
  switches: { requestsPerMinute: null },
});
const key = paddle.createKey({ name: "Billing worker", expiresAt: Date.now() + 6 * DAY_MS });
// A key of an earlier demo means nothing to this Paddle.
writeFileSync(`${KEYS}/billing.env`, `ACTIVE_PADDLE_KEY=${key.secret}\n`, { mode: 0o600 });
paddle.addDestination({ url: "http://rotator:8080/webhooks/paddle", secret });
say(`made ${key.id}; it expires in 6 days`);

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));

const acts = [
  ["the key is about to expire: api_key.expiring", () => paddle.warnExpiring(key.id)],
  ["the key was found in public: api_key_exposure.created", () => paddle.expose(key.id, { revoke: false })],
] as const;
for (let act = 0; existsSync(KEYS); act = (act + 1) % acts.length) {
  await pause(ACT_EVERY_MS);
  const [title, play] = acts[act] ?? acts[0];
  say(title);
  play();
  await pause(ACT_EVERY_MS);
  say(`rotations activated so far: ${paddle.activatedRotations(key.id)}`);
}

function say(what: string): void {
  process.stdout.write(`Paddle: ${what}\n`);
}
