/**
 * The real process is killed with SIGKILL before and after each effect of a rotation, and started again. Every time
 * the rotation ends, with one activated rotation at Paddle, and no secret that the store holds was ever dead.
 */
import { describe, expect, inject, it } from "vitest";
import { openSite, type Site } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

/** Effects of one undisturbed rotation in the process; the unit tests of the engine name them. */
const EFFECTS = 17;
const KILLER = "test/support/killing-main.ts";
/** A killed worker's job is another's after the queue's lock and stall times. */
const RESUMES_WITHIN_MS = 15_000;

const cells = Array.from({ length: EFFECTS }, (_, killAt) =>
  ["before", "after"].map((when) => ({ killAt, when })),
).flat();

async function rotatedOnce(site: Site, deadlineMs = 40_000): Promise<void> {
  await until(
    "the old secret is retired",
    async () => {
      const active = await site.secret("ACTIVE_PADDLE_KEY");
      const [old, pending] = [await site.secret("OLD_PADDLE_KEY"), await site.secret("PENDING_PADDLE_KEY")];
      return active?.reveal() !== site.key.secret && old === null && pending === null;
    },
    deadlineMs,
  );
  const active = await site.secret("ACTIVE_PADDLE_KEY");
  expect(site.paddle.isAlive(active?.reveal() ?? "")).toBe(true);
  expect(site.paddle.isAlive(site.key.secret)).toBe(false);
  expect(site.paddle.activatedRotations(site.key.id)).toBe(1);
}

/** Looks at the file and at Paddle until stopped, and remembers whenever consumers would have held a dead secret. */
function watchActive(site: Site): { stop(): Promise<number> } {
  let dead = 0;
  let watching = true;
  const watch = async () => {
    while (watching) {
      const active = await site.secret("ACTIVE_PADDLE_KEY");
      if (!active || !site.paddle.isAlive(active.reveal())) dead += 1;
      await new Promise((later) => setTimeout(later, 20));
    }
  };
  const watched = watch();
  return {
    async stop() {
      watching = false;
      await watched;
      return dead;
    },
  };
}

describe("the service on Redis, killed", () => {
  it.concurrent.for(cells)(
    "$when effect $killAt, ends the rotation after a restart",
    async ({ killAt, when }, { expect: expects }) => {
      // Longer than the queue takes to notice the dead worker, so that consumers must never see a dead secret.
      await using site = await openSite({
        env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
        graceSeconds: 14,
      });
      const first = await site.start({ entry: KILLER, env: { KILL_AT: String(killAt), KILL_WHEN: when } });
      const consumers = watchActive(site);
      site.paddle.warnExpiring(site.key.id);
      expects(await first.ended).toBe("SIGKILL");
      const requestsBefore = site.paddle.requests.length;
      const isOver =
        (await site.secret("OLD_PADDLE_KEY")) === null && site.paddle.activatedRotations(site.key.id) === 1;
      const diedAt = Date.now();
      await site.start();
      if (!isOver && (await site.secret("OLD_PADDLE_KEY")) === null) {
        await until("the job resumes", () => site.paddle.requests.length > requestsBefore, RESUMES_WITHIN_MS);
        expects(Date.now() - diedAt).toBeLessThan(RESUMES_WITHIN_MS);
      }
      await rotatedOnce(site);
      expects(await consumers.stop()).toBe(0);
    },
  );
});
