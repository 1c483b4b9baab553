/** Act one: a key that is about to expire is rotated without a failed request. */
import { setTimeout as pause } from "node:timers/promises";
import { formatDuration } from "../src/core/duration.ts";
import type { Screen, Verdict } from "./screen.ts";
import { GRACE_SECONDS, type Stage } from "./stage.ts";

export async function actOne(stage: Stage, screen: Screen): Promise<Verdict[]> {
  const { paddle, billing } = stage;
  const { key } = billing;
  await stage.until("the application calls Paddle", () => billing.app.requests > 20);
  const before = await billing.fingerprint();
  screen.say("app", `billing-worker calls Paddle 20 times a second with ${before}`);
  await pause(1_000);

  const daysLeft = formatDuration((paddle.key(key.id).expiresAt ?? 0) - Date.now());
  screen.say("Paddle", `${key.id} expires in ${daysLeft}: sends the signed webhook api_key.expiring`);
  paddle.warnExpiring(key.id);
  await stage.until(
    "the new secret is in the .env file",
    async () => (await billing.fingerprint()) !== before,
  );
  await stage.until("the application uses it", () => billing.isUpToDate());
  screen.say(
    "app",
    `billing-worker read ${billing.app.fingerprint} from its .env file; failed requests so far: ${billing.app.failed}`,
  );
  screen.say("Paddle", `the old secret ${before} lives on for its grace of ${GRACE_SECONDS} s`);
  await stage.until(
    "the old secret is retired",
    async () => (await billing.fingerprint("OLD_PADDLE_KEY")) === null,
  );
  const { requests } = billing.app;
  await stage.until("the application goes on", () => billing.app.requests > requests + 20);

  const activated = paddle.activatedRotations(key.id);
  const { failed, requests: made } = billing.app;
  return [
    { held: failed === 0, text: `failed requests of the application: ${failed} of ${made}` },
    { held: activated === 1, text: `rotations activated at Paddle: ${activated}` },
    { held: paddle.isAlive(await billing.secret()), text: "the secret in the .env file works" },
    { held: !paddle.isAlive(key.secret), text: "the secret that it replaced is dead and out of the file" },
    {
      held: (paddle.key(key.id).expiresAt ?? 0) > Date.now() + 80 * 86_400_000,
      text: "the key has a new life of 90 days",
    },
  ];
}
