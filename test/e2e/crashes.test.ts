/**
 * The real process is killed with SIGKILL after each effect of a rotation, and started again; or it is
 * frozen, loses its job to another process, and wakes up in the middle of it. Every time the rotation ends, with one
 * activated rotation at Paddle, and consumers never held a dead secret.
 */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, inject, it } from "vitest";
import { RESUMES_WITHIN_MS, STRIKER } from "../support/crash-cell.ts";
import { ALL_CELLS } from "../support/crash-suite.ts";
import { EFFECTS } from "../support/engine/effects.ts";
import { effectsOf } from "../support/engine/play.ts";
import { SCENARIOS } from "../support/engine/scenarios.ts";
import { openSite, type Site } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

/** Longer than that, so that no secret may die in consumers' hands meanwhile. */
const GRACE_SECONDS = 16;
/** Dozens of sites are looked at side by side, for as long as a grace. */
const LOOK_EVERY_MS = 100;
const UNTIL_WAIT = EFFECTS.indexOf("queue.wait");
const ACTIVATES = EFFECTS.lastIndexOf("paddle.ask", UNTIL_WAIT);

const IN_ROTATION = { STRIKE_IN: "rotate (expiring)" };

const onRedis = () =>
  openSite({
    env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
    graceSeconds: GRACE_SECONDS,
  });

async function expectRotatedOnce(site: Site): Promise<void> {
  const isOver = async () => {
    const active = await site.secret("ACTIVE_PADDLE_KEY");
    const [old, pending] = [await site.secret("OLD_PADDLE_KEY"), await site.secret("PENDING_PADDLE_KEY")];
    return active?.reveal() !== site.key.secret && old === null && pending === null;
  };
  await until("the old secret is retired", isOver, 60_000, LOOK_EVERY_MS);
  const active = await site.secret("ACTIVE_PADDLE_KEY");
  expect(site.paddle.isAlive(active?.reveal() ?? "")).toBe(true);
  expect(site.paddle.isAlive(site.key.secret)).toBe(false);
  expect(site.paddle.activatedRotations(site.key.id)).toBe(1);
}

/** Looks at the file and at Paddle all the time, and counts how often consumers would have held a dead secret. */
function watchConsumers(site: Site): { deadSecretsSeen(): Promise<number> } {
  let dead = 0;
  let watching = true;
  const watch = async () => {
    while (watching) {
      const active = await site.secret("ACTIVE_PADDLE_KEY");
      if (!active || !site.paddle.isAlive(active.reveal())) dead += 1;
      await pause(25);
    }
  };
  const watched = watch();
  watched.catch(() => {}); // A test that fails takes its site away; one that goes on waits for what is watched.
  return {
    async deadSecretsSeen() {
      watching = false;
      await watched;
      return dead;
    },
  };
}

/** Those that are more than a note: that is written in the background, and nothing waits for it but the next effect. */
function numbered(effects: readonly string[]): { effect: string; index: number }[] {
  return effects.map((effect, index) => ({ effect, index })).filter(({ effect }) => effect !== "queue.note");
}

describe("the service that", () => {
  // Between two effects the process only reads and decides: before the one is after the other. In memory it dies at both.
  // A note steers nothing: whether one more was written changes nothing that the next process reads.
  const strikes = [
    { strike: "dies before", effect: EFFECTS[0], index: 0 },
    ...numbered(EFFECTS).map((each) => ({ strike: "dies after", ...each })),
  ];
  it.concurrent.for(strikes)(
    "$strike effect $index, $effect, ends the rotation after a restart",
    async ({ strike, index }) => {
      await using site = await onRedis();
      const first = await site.start({
        entry: STRIKER,
        env: { ...IN_ROTATION, STRIKE_AT: String(index), STRIKE: strike },
      });
      const consumers = watchConsumers(site);
      site.paddle.warnExpiring(site.key.id);
      expect(await first.ended).toBe("SIGKILL");
      const requests = site.paddle.requests.length;
      await site.start();
      const startedAt = Date.now();
      // Before the wait there is a call to Paddle to resume with; after it, the end of the grace comes first.
      if (index < UNTIL_WAIT && (await site.secret("OLD_PADDLE_KEY")) === null) {
        await until("the job resumes", () => site.paddle.requests.length > requests, RESUMES_WITHIN_MS);
        expect(Date.now() - startedAt).toBeLessThan(RESUMES_WITHIN_MS);
      }
      await expectRotatedOnce(site);
      expect(await consumers.deadSecretsSeen()).toBe(0);
    },
  );

  // Where a second rotation or a lost secret would come from: in memory it wakes up before every effect.
  const atStake = ["paddle.createRotation", "store.write"];
  const frozen = numbered(EFFECTS.slice(0, UNTIL_WAIT + 1)).filter(
    ({ effect, index }) => ALL_CELLS || atStake.includes(effect) || index === ACTIVATES,
  );
  it.concurrent.for(frozen)(
    "freezes before effect $index, $effect, and wakes up when another one has its job, rotates once",
    async ({ index }) => {
      await using site = await onRedis();
      const env = { ...IN_ROTATION, STRIKE_AT: String(index), STRIKE: "freezes before" };
      const first = await site.start({ entry: STRIKER, env });
      const consumers = watchConsumers(site);
      site.paddle.warnExpiring(site.key.id);
      await until("it is frozen", async () => (await first.state()) === "T");
      const requests = site.paddle.requests.length;
      await site.start({ beside: true });
      const isPromoted = async () => (await site.secret("OLD_PADDLE_KEY")) !== null;
      if (!(await isPromoted())) {
        await until(
          "another one has the job",
          () => site.paddle.requests.length > requests,
          RESUMES_WITHIN_MS,
        );
      }
      first.kill("SIGCONT");
      await expectRotatedOnce(site);
      expect(await consumers.deadSecretsSeen()).toBe(0);
    },
  );

  const calls = [
    { call: "preflight", nth: 1 },
    { call: "the request for a new secret", nth: 2 },
    { call: "the activation", nth: 3 },
    { call: "the question whether old is dead", nth: 4 },
  ];
  it.concurrent.for(ALL_CELLS ? calls : calls.filter(({ nth }) => nth === 2 || nth === 3))(
    "dies while Paddle answers $call, ends the rotation after a restart",
    async ({ nth }) => {
      await using site = await onRedis();
      const first = await site.start();
      const consumers = watchConsumers(site);
      let count = 0;
      site.paddle.faults.add({
        when: ({ path }) => {
          if (path.startsWith("/api-keys") && (count += 1) === nth) first.kill("SIGKILL");
          return false;
        },
        do: { kind: "reset" },
      });
      site.paddle.warnExpiring(site.key.id);
      expect(await first.ended).toBe("SIGKILL");
      await site.start();
      await expectRotatedOnce(site);
      expect(await consumers.deadSecretsSeen()).toBe(0);
    },
  );

  it.concurrent("dies before it has answered a webhook, gets it again from Paddle", async () => {
    await using site = await onRedis();
    site.paddle.warnExpiring(site.key.id); // nobody listens yet
    await site.paddle.settled();
    await site.start();
    site.paddle.clock.advance(61_000);
    await expectRotatedOnce(site);
  });

  it.concurrent(
    "dies on the embedded queue after it has activated a secret, ends the rotation after a restart",
    async () => {
      await using site = await openSite({ env: {}, graceSeconds: GRACE_SECONDS });
      const first = await site.start({
        entry: STRIKER,
        env: { ...IN_ROTATION, STRIKE_AT: String(ACTIVATES), STRIKE: "dies after" },
      });
      const consumers = watchConsumers(site);
      site.paddle.warnExpiring(site.key.id);
      expect(await first.ended).toBe("SIGKILL");
      await site.start();
      await expectRotatedOnce(site);
      expect(await consumers.deadSecretsSeen()).toBe(0);
    },
  );
});

/** As the engine in memory does it; the process passes the same effects. */
const REVOKE_FIRST = await effectsNamed("revoke first");

async function effectsNamed(name: string): Promise<readonly string[]> {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (!scenario) throw new Error(`there is no scenario ${name}`);
  return (await effectsOf(scenario)).effects;
}

describe("the service that answers an exposure and", () => {
  const onRedisEach = numbered(REVOKE_FIRST).map((each) => ({ ...each, queue: "redisUrl" as const }));
  const onPostgres = [5, 8, 14].map((index) => ({
    effect: REVOKE_FIRST[index] ?? "",
    index,
    queue: "postgresUrl" as const,
  }));
  it.concurrent.for([...onRedisEach, ...onPostgres])(
    "dies after effect $index, $effect, kills the exposed secret after a restart ($queue)",
    async ({ index, queue }) => {
      await using site = await openSite({
        env: { QUEUE_URL: inject(queue), QUEUE_PREFIX: uniquePrefix() },
      });
      const env = { STRIKE_IN: "revoke-first (exposed)", STRIKE_AT: String(index), STRIKE: "dies after" };
      const first = await site.start({ entry: STRIKER, env });
      site.paddle.expose(site.key.id, { riskLevel: "low" });
      expect(await first.ended).toBe("SIGKILL");
      await site.start();
      const startedAt = Date.now();
      await until(
        "the exposed secret is dead",
        () => !site.paddle.isAlive(site.key.secret),
        RESUMES_WITHIN_MS,
      );
      expect(Date.now() - startedAt).toBeLessThan(RESUMES_WITHIN_MS);
      await expectRotatedOnce(site);
    },
  );
});
