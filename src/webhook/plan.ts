/** What an event asks for. Pure; a table of Paddle's event types. */
import type { Inspected, IntentKind, JobName, Work } from "../core/work.ts";
import type { Event } from "./events.ts";

export type Plan =
  /** `delayMs`: how long the work may wait before it makes sense. */
  | { readonly do: "queue"; readonly work: Work; readonly delayMs: number }
  | {
      readonly do: "ignore";
      /**
       * `unknown-key-event`: it is about a key, but of a type that was not known when this was written.
       * `not-about-a-key`: the destination is subscribed to more than it needs.
       */
      readonly because: "unknown-key-event" | "not-about-a-key";
    };

type EventAboutAKey = Exclude<Event, { kind: "other" }>;

/** Rotations of our own are announced, too: by the time that such a job runs, its secret is in a slot. */
const INSPECT_AFTER_MS = 5_000;

type Asked = { readonly job: JobName; readonly intent: IntentKind };

const ASKED_FOR: Record<EventAboutAKey["type"], Asked> = {
  "api_key.created": { job: "inspect", intent: "resume" },
  "api_key.updated": { job: "inspect", intent: "resume" },
  "api_key.expiring": { job: "rotate", intent: "expiring" },
  "api_key.expired": { job: "replace", intent: "expired" },
  "api_key.revoked": { job: "replace", intent: "revoked" },
  "api_key_exposure.created": { job: "revoke-first", intent: "exposed" },
  "api_key_rotation.created": { job: "inspect", intent: "foreign-rotation" },
  "api_key_rotation.updated": { job: "inspect", intent: "foreign-rotation" },
};

/**
 * A key that no configuration names still becomes a job: the worker looks again, with fresh eyes, and tells a
 * person when the key is nobody's.
 *
 * @param keyNames the configured name of each managed key, by key id
 */
export function plan(event: Event, keyNames: ReadonlyMap<string, string>): Plan {
  if (event.kind === "other") {
    const aboutAKey = event.type.startsWith("api_key");
    return { do: "ignore", because: aboutAKey ? "unknown-key-event" : "not-about-a-key" };
  }
  const asked = ASKED_FOR[event.type];
  const inspected = inspectedBy(event);
  const work: Work = {
    job: asked.job,
    keyName: keyNames.get(event.keyId) ?? null,
    keyId: event.keyId,
    // The event's id is the same on every delivery, so a repeated delivery is the same job.
    intent: { id: event.id, kind: asked.intent, requestedAt: event.occurredAt },
    eventId: event.id,
    ...(event.type === "api_key.expiring" && { keyExpiresAt: event.keyExpiresAt }),
    ...(event.type === "api_key.revoked" &&
      event.keyExposedAt !== null && { keyExposedAt: event.keyExposedAt }),
    ...(inspected && { inspected }),
  };
  return { do: "queue", work, delayMs: inspected ? INSPECT_AFTER_MS : 0 };
}

function inspectedBy(event: EventAboutAKey): Inspected | null {
  if (event.kind === "rotation") return { what: "rotation", rotationId: event.rotationId };
  if (event.type === "api_key.created") return { what: "key", event: "created" };
  if (event.type === "api_key.updated") return { what: "key", event: "updated" };
  return null;
}
