/** Plays one story under load, and says what came of every webhook and of every key. */
import { until } from "../until.ts";
import { openPlace, type Place, type WatchedKey } from "./place.ts";
import type { Story } from "./stories.ts";
import { startTraffic } from "./traffic.ts";

export type Size = {
  readonly webhooksPerSecond: number;
  /** Half of them are rotating when it strikes; the others are asked for right after it. */
  readonly keys: number;
  /** How long the load goes on after the strike. */
  readonly afterMs: number;
  /** Longer than any strike keeps the workers from working: only then does every active secret live all the time. */
  readonly graceSeconds: number;
  /** True: it is over when the replaced secrets are dead and out of the files, not when the new ones are in use. */
  readonly untilRetired: boolean;
};

export type Verdict = {
  /** Webhooks that were answered 200. */
  readonly accepted: number;
  /** Of those, the ids of events that came to nothing, or only when another worker was started. */
  readonly lost: readonly string[];
  /** The ids of those that the queue had forgotten, and that a sweep found in Paddle's list of events. */
  readonly foundBySweep: readonly string[];
  /** Attempts that were not answered 200, and connections that broke off without an answer. */
  readonly refused: number;
  readonly unanswered: number;
  /** The longest time without a webhook that was accepted, from the strike on. */
  readonly webhookGapMs: number;
  /** The longest time in which nothing came to its outcome, from the strike on. */
  readonly workGapMs: number;
  /** How many rotations of each key were activated; each was asked for once. */
  readonly activated: readonly number[];
  /** How often an active secret was seen that Paddle refuses. */
  readonly deadSeen: number;
  /** What is not as it should be in the end, in words. */
  readonly unfinished: readonly string[];
};

const STANDSTILL_MS = 30_000;

export async function play(story: Story, size: Size): Promise<Verdict> {
  await using opened = new AsyncDisposableStack();
  const { env, strike } = await story.open(opened);
  const place = opened.use(await openPlace(env, size));
  const { site, keys } = place;
  const replaced = keys.map(({ id }) => site.paddle.key(id).current);
  await Promise.all(story.roles.map((role) => place.start(role)));
  const traffic = startTraffic({
    perSecond: size.webhooksPerSecond,
    secret: site.webhookSecret,
    happen: place.expire,
    targets: () => place.instances.filter(({ role }) => role !== "worker").map((one) => one.publicUrl),
  });
  await until("the load is on", () => traffic.accepted.size >= size.webhooksPerSecond / 2);

  const rotate = (key: WatchedKey) => traffic.send(place.warn(key));
  const isIssued = () => site.paddle.requests.some(({ method }) => method === "POST");
  const half = Math.ceil(keys.length / 2);
  const asked = keys.slice(0, half).map(rotate);
  await until("rotations are running", isIssued);
  const struckAt = Date.now();
  const struck = strike(place);
  asked.push(...keys.slice(half).map(rotate));
  await struck;
  const struckBy = Date.now();
  await until(
    "the load has gone on",
    () => Date.now() >= struckAt + size.afterMs,
    2 * size.afterMs + 60_000,
    50,
  );
  await traffic.end();

  const rotations = new Set(await Promise.all(asked));
  const events = [...traffic.accepted.keys()].filter((id) => !rotations.has(id));
  const look = async () => {
    const outcomes = await outcomesOf(place);
    return {
      outcomes,
      lost: events.filter((id) => !outcomes.has(id)),
      unfinished: unfinished(place, replaced, size.untilRetired),
    };
  };
  const missing = async () => {
    const { lost, unfinished: left } = await look();
    return lost.length + left.length;
  };
  // A busy machine may take its time. Whatever is missing when nothing moves any more is in the verdict.
  const untilOver = async () => {
    for (let before = Infinity, left = await missing(); left > 0 && left < before;) {
      before = left;
      const isOver = async () => (left = await missing()) === 0;
      await until("all has its outcome", isOver, STANDSTILL_MS, 250).catch(() => {});
    }
  };
  await untilOver();
  const unswept = await look();
  if ((await missing()) > 0) {
    // A worker that starts makes a sweep, unless there was one within the last minute.
    await place.start("worker");
    await untilOver();
  }
  const { outcomes, lost, unfinished: left } = await look();
  const found = unswept.lost.filter((id) => outcomes.has(id));
  // What came after the strike, the queue still had: no sweep was needed, only a worker that works.
  const isLate = (id: string) => (traffic.accepted.get(id) ?? 0) > struckBy;
  return {
    accepted: traffic.accepted.size,
    lost: [...lost, ...found.filter(isLate)],
    foundBySweep: found.filter((id) => !isLate(id)),
    refused: traffic.refused,
    unanswered: traffic.unanswered,
    webhookGapMs: longestGap(struckAt, [...traffic.accepted.values()]),
    workGapMs: longestGap(struckAt, [...outcomes.values()]),
    activated: keys.map(({ id }) => site.paddle.activatedRotations(id)),
    deadSeen: place.deadSeen,
    unfinished: left,
  };
}

/** When each event about a key that is not managed was first told to people, in epoch milliseconds. */
async function outcomesOf({ site }: Place): Promise<ReadonlyMap<string, number>> {
  const told = new Map<string, number>();
  for (const line of (await site.output()).split("\n")) {
    const id = /"id":"unmanaged-key-ended-[^"]*(evt_[a-z0-9]+)"/.exec(line)?.[1];
    const at = /"time":"([^"]+)"/.exec(line)?.[1];
    if (id !== undefined && at !== undefined && !told.has(id)) told.set(id, Date.parse(at));
  }
  return told;
}

function unfinished({ site, keys, slots }: Place, replaced: readonly string[], retired: boolean): string[] {
  return keys.flatMap((key, index) => {
    const { ACTIVE_PADDLE_KEY: active = "", OLD_PADDLE_KEY: old, PENDING_PADDLE_KEY: pending } = slots(key);
    const faults = [
      active === replaced[index] ? "was not rotated" : null,
      site.paddle.isAlive(active) ? null : "has a dead active secret",
      retired && old ? "has an old secret" : null,
      pending ? "has a pending secret" : null,
      retired && site.paddle.isAlive(replaced[index] ?? "") ? "has a former secret that lives" : null,
    ];
    return faults.flatMap((fault) => (fault === null ? [] : [`${key.id} ${fault}`]));
  });
}

function longestGap(from: number, times: readonly number[]): number {
  const later = [from, ...times.filter((time) => time >= from).toSorted((a, b) => a - b)];
  return Math.max(0, ...later.map((time, index) => time - (later[index - 1] ?? time)));
}
