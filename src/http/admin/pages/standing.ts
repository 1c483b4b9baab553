/** How a key stands, in the words and the order that a tired person needs. Pure. */
import type { JobView } from "../../../core/job-view.ts";
import type { KeyState } from "../../../overview/key-view.ts";
import type { KeyOverview, Overview } from "../../../overview/overview.ts";

/** `alarm`: a person must act now. `warning`: in time. `moving`: work goes on by itself. `calm`: nothing to do. */
export type Tone = "alarm" | "warning" | "moving" | "calm";

export type Standing = {
  readonly tone: Tone;
  /** Two or three words. */
  readonly label: string;
  /** One sentence; it holds no time that would have to be read. */
  readonly says: string;
};

const ORDER: readonly Tone[] = ["alarm", "warning", "moving", "calm"];

const STATES: Readonly<Record<KeyState, Standing>> = {
  steady: {
    tone: "calm",
    label: "Safe",
    says: "One secret is in use and nothing is in flight.",
  },
  pending: {
    tone: "moving",
    label: "New secret staged",
    says: "A new secret is saved and not used yet. The active one goes on working.",
  },
  "in-grace": {
    tone: "moving",
    label: "In grace",
    says: "The new secret is in use. The old one still works until its grace ends.",
  },
  retiring: {
    tone: "moving",
    label: "Retiring the old",
    says: "The grace is over. The old secret leaves the store once Paddle refuses it.",
  },
  "rolled-back": {
    tone: "warning",
    label: "Rolled back",
    says: "Applications have the former secret again. The newer one comes back before that one dies.",
  },
  "legacy-key": {
    tone: "warning",
    label: "Legacy key",
    says: "The active secret carries no key id: it cannot be rotated, only replaced.",
  },
  "no-active-secret": {
    tone: "alarm",
    label: "No active secret",
    says: "The store holds no active secret: applications that read it have no key.",
  },
  "store-unreachable": {
    tone: "warning",
    label: "Store silent",
    says: "Its store did not say what it holds.",
  },
};

/** The worst that is known decides. */
export function standingOf(key: KeyOverview, now: number): Standing {
  const found = [...troubles(key, now), STATES[key.view.state]];
  const tone = ORDER.find((each) => found.some((standing) => standing.tone === each));
  const worst = found.find((standing) => standing.tone === tone) ?? STATES[key.view.state];
  return isRotating(key) && worst.tone === "calm" ? ROTATING : worst;
}

const ROTATING: Standing = {
  tone: "moving",
  label: "At work",
  says: "A job about this key is at work.",
};

function troubles({ view, paddle, incidents, jobs, due, standby }: KeyOverview, now: number): Standing[] {
  const found: Standing[] = [];
  const say = (isSo: boolean, tone: Tone, label: string, says: string) =>
    isSo && found.push({ tone, label, says });
  const issuedAt = view.active?.issuedAt ?? null;
  const exposedAt = paddle?.exposedAt ?? null;
  const expiresAt = paddle?.expiresAt ?? Infinity;
  const severities = new Set(incidents.map(({ alert }) => alert.severity));
  const isExposed = exposedAt !== null && (issuedAt === null || Date.parse(issuedAt) < exposedAt);
  say(
    expiresAt <= now || paddle?.status === "expired",
    "alarm",
    "Expired",
    "Paddle says that the key has expired.",
  );
  say(paddle?.status === "revoked", "alarm", "Revoked", "Paddle says that the key was revoked.");
  say(isExposed, "alarm", "Exposed", "Its active secret was found in public.");
  say(severities.has("critical"), "alarm", "Needs you now", "An incident of this key waits for a person.");
  say(
    jobs.some((job) => job.state === "failed"),
    "alarm",
    "Work failed",
    "A job about this key failed and waits for a person.",
  );
  say(severities.has("warning"), "warning", "Needs you", "An incident of this key waits for a person.");
  say(standby.fault !== null, "warning", "Standby unfit", `The standby ${standby.fault}.`);
  say(
    due !== null && due.at < now - LATE_MS && !isRotating({ jobs }),
    "warning",
    "Overdue",
    "It should have been rotated by now, and no job is at work.",
  );
  return found;
}

/** The sweep comes every quarter of an hour. */
const LATE_MS = 30 * 60_000;

function isRotating({ jobs }: Pick<KeyOverview, "jobs">): boolean {
  return jobs.some(isAtWork);
}

export function isAtWork({ state, work }: JobView): boolean {
  return state !== "failed" && work.job !== "inspect";
}

export function needsPerson({ tone }: Standing): boolean {
  return tone === "alarm" || tone === "warning";
}

export function byUrgency(a: Standing, b: Standing): number {
  return ORDER.indexOf(a.tone) - ORDER.indexOf(b.tone);
}

/** The page in one sentence, and how serious it is. What is not known is never called safe. */
export function headline(overview: Overview): { readonly tone: Tone; readonly says: string } {
  const { keys, at } = overview;
  const total = keys.length;
  const standings = keys.map((key) => standingOf(key, at));
  const inNeed = standings.filter(needsPerson);
  const incidents = overview.incidents.filter(({ alert }) => alert.severity !== "info");
  const isAlarm =
    inNeed.some((standing) => standing.tone === "alarm") ||
    incidents.some(({ alert }) => alert.severity === "critical");
  const tone: Tone = isAlarm ? "alarm" : "warning";
  if (inNeed.length > 0) return { tone, says: `${subject(inNeed.length, total)} you.` };
  if (incidents.length > 0) return { tone, says: "Something beside your keys needs you." };
  if (overview.faults.length > 0) return { tone, says: "Not everything could be read." };
  if (total === 0) return { tone: "calm", says: "No keys are managed yet." };
  const moving = standings.filter((standing) => standing.tone === "moving").length;
  const safe = total === 1 ? "Your key is safe." : `All ${total} keys are safe.`;
  if (moving === 0) return { tone: "calm", says: safe };
  return { tone: "moving", says: `${safe} ${moving === 1 ? "One is" : `${moving} are`} rotating.` };
}

function subject(needy: number, total: number): string {
  if (total === 1) return "Your key needs";
  return `${needy} of ${total} keys ${needy === 1 ? "needs" : "need"}`;
}
