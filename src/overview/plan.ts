/**
 * What will happen to each key and when, what would happen if it leaked or died, and the worst outage of each: read off
 * the overview. Pure. It promises what the rotator does; what applications do is as the configuration says of them.
 */
import { z } from "zod";
import { formatDuration } from "../core/duration.ts";
import type { Due } from "../core/due.ts";
import type { KeyState } from "./key-view.ts";
import type { KeyOverview, Overview } from "./overview.ts";
import { Case, deathOf, exposureOf, rotationOf } from "./plan-cases.ts";

const Time = z.iso.datetime().describe("ISO 8601, UTC");

const Next = z.object({
  what: z
    .enum(["rotation", "rest-of-rotation", "nothing", "waits-for-person"])
    .describe("`nothing`: nothing will rotate it by itself"),
  at: Time.nullable().describe("null: now, or nobody knows when"),
  because: z.enum([
    "age",
    "expiry",
    "under-way",
    "never-due",
    "not-asked-yet",
    "not-rotatable",
    "legacy-key",
    "no-active-secret",
    "store-unreachable",
    "job-failed",
    "incident",
  ]),
  says: z.string().describe("The same in one sentence"),
});
export type Next = z.output<typeof Next>;

const KeyPlan = z.object({
  name: z.string(),
  keyId: z.string().nullable(),
  next: Next,
  rotation: Case.describe("A graceful rotation, whether it is due or a person asks for it"),
  exposure: Case.describe("Paddle finds the secret in public"),
  death: Case.describe("The key expires or is revoked, by a person or by Paddle"),
});
export type KeyPlan = z.output<typeof KeyPlan>;

export const Plan = z.object({
  at: Time.describe("The moment that the plan is made from"),
  keys: z.array(KeyPlan).describe("In the order of the configuration"),
});
export type Plan = z.output<typeof Plan>;

/** @param now epoch milliseconds */
export function planOf({ keys }: Pick<Overview, "keys">, now: number): Plan {
  return { at: iso(now), keys: keys.map((key) => planKey(key, now)) };
}

function planKey(key: KeyOverview, now: number): KeyPlan {
  const { name, keyId } = key.view;
  return {
    name,
    keyId,
    next: nextOf(key, now),
    rotation: rotationOf(key),
    exposure: exposureOf(key),
    death: deathOf(key),
  };
}

/** States in which nothing goes on by itself, before anything else is asked. */
const STUCK: Partial<Record<KeyState, "store-unreachable" | "no-active-secret" | "legacy-key">> = {
  "store-unreachable": "store-unreachable",
  "no-active-secret": "no-active-secret",
  "legacy-key": "legacy-key",
};

function nextOf(key: KeyOverview, now: number): Next {
  const { view, jobs, due, paddle, policy } = key;
  const asked = key.incidents.find(({ alert }) => alert.severity === "critical" && alert.action !== null);
  if (asked) {
    const { happened, action } = asked.alert;
    return waitsForPerson("incident", `${happened} ${action}`);
  }
  const failed = jobs.find(({ state }) => state === "failed");
  if (failed) {
    const why = failed.failure === null ? "" : `: ${failed.failure}`;
    return waitsForPerson(
      "job-failed",
      `The job ${failed.work.intent.id} failed and waits for a person${why}.`,
    );
  }
  const stuck = STUCK[view.state];
  if (stuck) return waitsForPerson(stuck, view.explanation);
  const underWay = jobs.find(({ work }) => work.job !== "inspect");
  if (view.state !== "steady" || underWay) {
    const ends = view.old?.until ? Date.parse(view.old.until) : (underWay?.nextAt ?? null);
    // While a new secret is staged or made, the dates are those of the one that it takes the place of.
    const isNew = view.old !== null && view.pending === null && view.state !== "rolled-back";
    const then =
      isNew && due && due.at > now ? ` After that, the next rotation: ${dueInWords(due, now)}.` : "";
    const present =
      view.state === "steady" ? `The job ${underWay?.work.intent.id} is at work.` : view.explanation;
    const at = ends !== null && ends > now ? iso(ends) : null;
    return { what: "rest-of-rotation", at, because: "under-way", says: `${present}${then}` };
  }
  if (paddle && !paddle.rotatable)
    return nothing(
      "not-rotatable",
      "It was made without rotation at Paddle: it can only be replaced by another key.",
    );
  if (due)
    return {
      what: "rotation",
      at: iso(due.at),
      because: due.because,
      says: `${sentence(dueInWords(due, now))}.`,
    };
  if (!paddle && policy.everyMs === null)
    return nothing("not-asked-yet", "Paddle was not asked yet when it expires; the next sweep does that.");
  return nothing(
    "never-due",
    "It never expires, and `every` is not set: nothing will ever rotate it. Set rotation.every.",
  );
}

function waitsForPerson(because: Next["because"], says: string): Next {
  return { what: "waits-for-person", at: null, because, says };
}

function nothing(because: Next["because"], says: string): Next {
  return { what: "nothing", at: null, because, says };
}

function dueInWords({ at, because, forced }: Due, now: number): string {
  const when = at <= now ? "due now" : `${iso(at)}, in ${formatDuration(at - now)}`;
  const why =
    because === "age" ? "by the age of the secret (every)" : "because the key expires (renewBefore)";
  return `${when}, ${why}${forced ? ", outside the window: none opens in time" : ""}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
