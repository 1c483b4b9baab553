/** What the rotator does with a key in each case, and the worst outage that comes of it. Pure. */
import { z } from "zod";
import { formatDuration } from "../core/duration.ts";
import type { ConsumerTerms, KeyOverview } from "./overview.ts";

const Outage = z.object({
  kind: z
    .enum(["none", "at-most", "until-a-person-acts", "unknown"])
    .describe("`at-most`: no longer than `seconds`"),
  seconds: z.number().int().nonnegative().nullable().describe("null: no number can be given"),
  why: z.string().describe("In one sentence"),
});
export type Outage = z.output<typeof Outage>;

export const Case = z.object({
  does: z.string().describe("What the rotator does then, in one sentence"),
  needsPerson: z.boolean().describe("Whether a person has to act before the key is well again"),
  outage: Outage,
});
export type Case = z.output<typeof Case>;

export function rotationOf(key: KeyOverview): Case {
  const { policy } = key;
  if (cannotRotate(key)) return needsAnotherKey("It cannot be rotated; another key has to take its place");
  const graceMs = policy.graceSeconds * 1000;
  const grace = formatDuration(graceMs);
  const does = `Paddle makes a new secret, consumers move to it, and the former one works on for ${grace}`;
  return { does: `${does}.`, needsPerson: false, outage: gracefulOutage(key, graceMs) };
}

function gracefulOutage(key: KeyOverview, graceMs: number): Outage {
  const grace = formatDuration(graceMs);
  const slowest = slowestOf(key.consumers);
  if (!slowest)
    return unknown(`No consumer is configured: applications must read the new secret within ${grace}.`);
  const takes = takesMs(slowest);
  const budget = `The slowest consumer, ${slowest.name}, may take ${formatDuration(takes)} of the grace of ${grace}`;
  if (takes > graceMs) return atMost(takes - graceMs, `${budget}: raise the grace.`);
  return provenBy(key, {
    kind: "none",
    seconds: 0,
    why: `${budget}: ${formatDuration(graceMs - takes)} to spare.`,
  });
}

export function exposureOf(key: KeyOverview): Case {
  const { policy } = key;
  const standby = hasStandby(key);
  const revoked = standby
    ? "Where Paddle has revoked the key itself, the standby takes over"
    : "Where Paddle has revoked the key itself, as it does with the gravest leaks, a person has to bring another one";
  if (cannotRotate(key)) {
    if (!standby)
      return needsAnotherKey("It cannot kill its own secret: a person must revoke it and bring another key");
    const does =
      "The standby takes over at once; a person must then revoke the exposed key, which cannot do it itself.";
    return { does, needsPerson: true, outage: switchOverOutage(key) };
  }
  if (policy.onExposure === "graceful") {
    const graceMs = policy.graceSeconds * 1000;
    const grace = formatDuration(graceMs);
    const does = `A graceful rotation (onExposure: graceful): the leaked secret works for ${grace} more. ${revoked}.`;
    const outage = standby ? switchOverOutage(key) : untilPerson(`${revoked}.`);
    return { does, needsPerson: !standby, outage };
  }
  const outage = switchOverOutage(key);
  const does = `The leaked secret is killed at once, then consumers get the new one. ${revoked}.`;
  if (standby) return { does, needsPerson: false, outage };
  const bound =
    outage.seconds === null ? outage.why : `${formatDuration(outage.seconds * 1000)} while the key lives.`;
  return { does, needsPerson: true, outage: untilPerson(`${bound} ${revoked}.`) };
}

export function deathOf(key: KeyOverview): Case {
  if (!hasStandby(key)) return needsAnotherKey("There is no standby to take its place");
  const does = "The standby takes over, and people are asked for another one.";
  return { does, needsPerson: false, outage: switchOverOutage(key) };
}

function needsAnotherKey(why: string): Case {
  const says = `${why}: people are told to create a key and hand it over (\`npm run rotator -- replace\`).`;
  return { does: says, needsPerson: true, outage: untilPerson("Until a person brings another key.") };
}

/** Applications hold a secret that Paddle refuses until each has read the new one. */
function switchOverOutage(key: KeyOverview): Outage {
  const slowest = slowestOf(key.consumers);
  if (!slowest)
    return unknown("No consumer is configured: it lasts until the last application has read the new secret.");
  const { name, refreshMs, timeoutMs } = slowest;
  const parts = `${formatDuration(refreshMs)} (refresh) and ${formatDuration(timeoutMs)} (its roll-out)`;
  return provenBy(key, atMost(takesMs(slowest), `${name} may hold the dead secret for ${parts}.`));
}

/** What the configuration says of a consumer that shows nothing of itself is only said. */
function provenBy({ switchOver }: KeyOverview, outage: Outage): Outage {
  const silent =
    switchOver?.consumers.filter(({ state }) => state === "unprovable").map(({ name }) => name) ?? [];
  if (silent.length === 0) return outage;
  return unknown(
    `${outage.why} That is what the configuration says; nothing proves it of ${silent.join(", ")}.`,
  );
}

function slowestOf(consumers: readonly ConsumerTerms[]): ConsumerTerms | undefined {
  return consumers.toSorted((a, b) => takesMs(b) - takesMs(a))[0];
}

/** As the grace budget of the configuration counts. */
function takesMs({ refreshMs, timeoutMs }: ConsumerTerms): number {
  return refreshMs + timeoutMs;
}

function cannotRotate({ view, paddle }: KeyOverview): boolean {
  return view.keyId === null || (paddle !== null && !paddle.rotatable);
}

/** One that would do, as far as the sweep knows. */
function hasStandby({ standby }: KeyOverview): boolean {
  return standby.secret !== null && standby.fault === null;
}

function atMost(ms: number, why: string): Outage {
  return { kind: "at-most", seconds: Math.ceil(ms / 1000), why };
}

function untilPerson(why: string): Outage {
  return { kind: "until-a-person-acts", seconds: null, why };
}

function unknown(why: string): Outage {
  return { kind: "unknown", seconds: null, why };
}
