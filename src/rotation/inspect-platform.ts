/** A rotation of a key that its platform rotates: where it is the platform's own, it is followed. */
import { platformStuck } from "../alerts/platform-messages.ts";
import type { KeyRotation } from "../core/paddle-key.ts";
import { resumeWork } from "../core/resume-work.ts";
import type { Outcome } from "../core/work.ts";
import type { Inspection } from "./inspection.ts";
import { isPlatformsOwn } from "./platform-own.ts";

const SOONEST_MS = 5_000;
const LATEST_MS = 60_000;

type Sight = {
  readonly rotation: KeyRotation;
  /** Every rotation of the key. */
  readonly all: readonly KeyRotation[];
  /** A job of ours asked for a rotation and is not finished: it tells consumers and people. */
  readonly isDriven: boolean;
};

/** null: it is not the platform's own. */
export async function followPlatform(inspection: Inspection, sight: Sight): Promise<Outcome | null> {
  const { key, work, clock, queue, alerts, hold } = inspection;
  const { platform } = key.store;
  if (!platform) return null;
  const state = await platform.state(work.intent.id);
  const { slots } = await key.store.read();
  const since = "since" in state ? state.since : null;
  const begunAt = [since, slots.active?.issuedAt, slots.old?.issuedAt].flatMap((at) => at ?? []);
  // Paddle need not say when it was made; the event does.
  const rotation = { ...sight.rotation, createdAt: sight.rotation.createdAt ?? work.intent.requestedAt };
  if (!isPlatformsOwn(rotation, sight.all, begunAt)) return null;

  const summary = `${rotation.id} of ${key.name} is ${platform.name}'s own rotation.`;
  const ours: Outcome = { kind: "done", result: "ours", summary };
  if (sight.isDriven) return ours;
  const now = clock.now();
  if (state.kind === "running") {
    const pause = Math.min(Math.max((now - state.since) / 4, SOONEST_MS), LATEST_MS);
    return { kind: "wait", at: now + pause, why: `${summary} It is not done yet.` };
  }
  if (state.kind === "stuck") {
    // The rotation was just read with the active secret.
    await alerts.raise(platformStuck(key, work, { ...state, activeLives: true }, now));
    return { kind: "needs-person", summary: `${summary} It is stuck: a person was told how to free it.` };
  }
  if (rotation.status !== "completed") return ours;
  // Consumers are told, and the old secret's end is proved.
  await hold.lease.confirm();
  await queue.put(resumeWork({ keyName: key.name, keyId: work.keyId, slots }, now));
  return ours;
}
