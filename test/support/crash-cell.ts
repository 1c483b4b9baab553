/** One cell of the crash matrix with real processes: one of them dies, the next one has to bring the story to its end. */
import { isDeepStrictEqual } from "node:util";
import type { ExpectStatic } from "vitest";
import { z } from "zod";
import { watchConsumers } from "./crash-consumers.ts";
import { endOf, type SiteEnd } from "./crash-end.ts";
import type { Story } from "./crash-story.ts";
import { sweepIsOver } from "./crash-people.ts";
import { openSite } from "./service.ts";
import { uniquePrefix } from "./unique.ts";

/** A killed worker's job is another's after the queue's lock and stall times. */
export const RESUMES_WITHIN_MS = 15_000;
export const STRIKER = "test/support/killing-main.ts";
const LOOK_EVERY_MS = 250;
const TOLD_WITHIN_MS = 30_000;
/** What a sweep may tell beside the story: any process makes one at its start. */
const TOLD_BY_SWEEPS = ["key-not-rotatable", "maybe-exposed", "no-reader", "unmanaged-key-seen"];
const ANY_SECRET = /pdl_\w+_apikey_\w+_\w{22}_\w{3}/;

export type Strike = { readonly strike: "dies before" | "dies after"; readonly index: number };

/** Nobody dies, and the process passes these effects before any others. */
export type Undisturbed = { readonly passes: readonly string[] };

export async function playCell(
  story: Story,
  accident: Strike | Undisturbed,
  { queueUrl, expect }: { readonly queueUrl: string; readonly expect: ExpectStatic },
): Promise<void> {
  await using site = await openSite({
    ...story.site,
    env: { QUEUE_URL: queueUrl, QUEUE_PREFIX: uniquePrefix() },
  });
  const env = (await story.prepare?.(site)) ?? {};
  const counted = { ...env, STRIKE_IN: story.struck.join(",") };
  await using consumers = watchConsumers(site, story.forbids);
  const play = story.play(site);
  const strike = "strike" in accident ? accident : null;
  const struck = strike && { STRIKE: strike.strike, STRIKE_AT: String(strike.index) };
  let service = await site.start({
    entry: STRIKER,
    env: { ...counted, ...struck },
    waitUntilReady: !strike || !story.isDueAtStart,
  });
  if (!story.prepare) await sweepIsOver(site, service);
  if (strike) {
    const [how] = await Promise.all([service.ended, play(service)]);
    expect(how).toBe("SIGKILL");
  }
  // The clock of the striker alone can be ahead.
  if (strike) service = await site.start(story.prepare ? { entry: STRIKER, env } : {});
  const startedAt = Date.now();
  await play(service);
  const timeout = (story.endsWithinMs ?? RESUMES_WITHIN_MS) - (Date.now() - startedAt);
  const seen = async () => tolerant(await endOf(site, service), story);
  const { alerts, ...state } = story.end;
  await expect.poll(seen, { interval: LOOK_EVERY_MS, timeout }).toMatchObject(state);
  // A job of the alerts may have been killed, too, and goes on after that of the key.
  const told = async () => (await seen()).alerts;
  await expect.poll(told, { interval: LOOK_EVERY_MS, timeout: TOLD_WITHIN_MS }).toEqual(alerts);
  expect(consumers.forbidden).toBe(0);
  const output = await site.output();
  expect([...site.secrets().filter((secret) => output.includes(secret)), ANY_SECRET.exec(output)]).toEqual([
    null,
  ]);
  if ("strike" in accident) return;
  const first = async () => {
    const passed = passedIn(await site.output(), story);
    const isRight = story.orPasses?.some((other) => isDeepStrictEqual(passed.slice(0, other.length), other));
    return isRight ? accident.passes : passed.slice(0, accident.passes.length);
  };
  await expect.poll(first, { timeout: TOLD_WITHIN_MS }).toEqual(accident.passes);
}

/** What may differ is taken for what was expected. */
function tolerant(seen: SiteEnd, { end, mayAlert = [], orRecords = [] }: Story): SiteEnd {
  const added = [...TOLD_BY_SWEEPS, ...mayAlert];
  const isRight = orRecords.some((records) => isDeepStrictEqual(records, seen.records));
  return {
    ...seen,
    alerts: seen.alerts.filter((kind) => !added.includes(kind)),
    records: isRight ? end.records : seen.records,
  };
}

const Passed = z.object({ passes: z.string(), job: z.string() });

function passedIn(output: string, { struck }: Story): string[] {
  const lines = output.split("\n").filter((line) => line.includes('"passes":'));
  const passed = lines.map((line) => Passed.parse(JSON.parse(line)));
  return passed.flatMap(({ passes, job }) => (struck.includes(job) ? [passes] : []));
}
