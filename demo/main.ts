/**
 * `npm run demo`: Paddle (simulated), the service on its embedded queue, and a sample application that calls Paddle
 * twenty times a second. A key is about to expire; watch it being rotated without a failed request.
 * With `--once`, or where CI is set, it checks every expectation and exits: 0 only if all held.
 */
import { setTimeout as pause } from "node:timers/promises";
import { formatDuration } from "../src/core/duration.ts";
import { Screen } from "./screen.ts";
import { GRACE_SECONDS, openStage } from "./stage.ts";

/** The whole demo, the embedded database's first start included, has a minute. */
const DEADLINE_MS = 50_000;

const once = process.argv.includes("--once") || process.env["CI"] === "true";
const screen = new Screen();

screen.title("paddle-key-rotator: a key is about to expire");
await using stage = await openStage(screen);
const { paddle, app, key } = stage;

await until("the application calls Paddle", () => app.requests > 20);
const before = await stage.fingerprint("ACTIVE_PADDLE_KEY");
screen.say("app", `calls Paddle 20 times a second with ${before}`);
await pause(1_000);

const daysLeft = formatDuration((paddle.key(key.id).expiresAt ?? 0) - Date.now());
screen.say("Paddle", `${key.id} expires in ${daysLeft}: sends the signed webhook api_key.expiring`);
paddle.warnExpiring(key.id);

await until(
  "the new secret is in the .env file",
  async () => (await stage.fingerprint("ACTIVE_PADDLE_KEY")) !== before,
);
const after = await stage.fingerprint("ACTIVE_PADDLE_KEY");
await until("the application uses it", () => app.fingerprint === after);
screen.say("app", `picked up ${after} from the .env file; failed requests so far: ${app.failed}`);
screen.say("Paddle", `the old secret ${before} lives on for its grace of ${GRACE_SECONDS} s`);
await until("the old secret is retired", async () => (await stage.fingerprint("OLD_PADDLE_KEY")) === null);
await until("the application goes on", (from = app.requests) => app.requests > from + 20, app.requests);

const rotated = paddle.key(key.id);
screen.title("What was expected");
const verdicts: [boolean, string][] = [
  [app.failed === 0, `the application's failed requests: ${app.failed} of ${app.requests}`],
  [
    paddle.activatedRotations(key.id) === 1,
    `rotations activated at Paddle: ${paddle.activatedRotations(key.id)}`,
  ],
  [paddle.isAlive(await stage.secret("ACTIVE_PADDLE_KEY")), "the secret in the .env file works"],
  [!paddle.isAlive(key.secret), "the secret that it replaced is dead, and is no longer in the file"],
  [(rotated.expiresAt ?? 0) > Date.now() + 80 * 86_400_000, "the key has a new life of 90 days"],
  [stage.leaks() === 0, "no secret in any line that the service printed"],
];
for (const [held, text] of verdicts) screen.verdict(held, text);
if (verdicts.some(([held]) => !held)) process.exitCode = 1;

if (!once) {
  screen.plain(`\nEvery step is in the queue dashboard: ${stage.dashboard}`);
  screen.plain("All of it keeps running. Ctrl-C ends it.");
  await stage.untilInterrupted();
}

async function until<Given>(
  what: string,
  isTrue: (given?: Given) => boolean | Promise<boolean>,
  given?: Given,
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await isTrue(given))) {
    if (stage.broken) throw new Error(stage.broken);
    if (performance.now() > deadline) throw new Error(`waited ${DEADLINE_MS / 1000} s in vain: ${what}`);
    await pause(50);
  }
}
