/**
 * `npm run demo`: Paddle (simulated), the service on its embedded queue, and sample applications that call Paddle
 * twenty times a second. Act one: a key is about to expire. Act two: keys leak, are revoked and expire.
 * With `--once`, or where CI is set, it checks every expectation and exits: 0 only if all held.
 */
import { once } from "node:events";
import { actOne } from "./act-one.ts";
import { expiryThatNeedsAPerson, exposureOfALiveKey, exposureOfARevokedKey } from "./act-two.ts";
import { Screen } from "./screen.ts";
import { openStage } from "./stage.ts";

const SCENES = [
  ["Act one: a key is about to expire", actOne],
  ["Act two: a key leaks, and Paddle leaves it alive", exposureOfALiveKey],
  ["Act two: a key leaks, and Paddle revokes it; there is a standby", exposureOfARevokedKey],
  ["Act two: a key has expired, and only a person can help", expiryThatNeedsAPerson],
] as const;

const exits = process.argv.includes("--once") || process.env["CI"] === "true";
const screen = new Screen();

screen.title("paddle-key-rotator");
await using stage = await openStage(screen);
const expectations = [];
for (const [title, scene] of SCENES) {
  screen.title(title);
  expectations.push({ title, verdicts: await scene(stage, screen) });
}
const leaks = stage.leaks();
const ofAll = { held: leaks === 0, text: `lines of the service with a secret in them: ${leaks}` };
expectations.push({ title: "All along", verdicts: [ofAll] });

screen.title("What was expected");
for (const { title, verdicts } of expectations) {
  screen.plain(title);
  for (const verdict of verdicts) screen.verdict(verdict);
}
if (expectations.some(({ verdicts }) => verdicts.some(({ held }) => !held))) process.exitCode = 1;

if (!exits) {
  screen.plain(`\nEvery step is in the queue dashboard: ${stage.admin}/queues`);
  screen.plain("All of it keeps running. Ctrl-C ends it.");
  await once(process, "SIGINT");
}
