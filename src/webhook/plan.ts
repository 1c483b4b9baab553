/** What an event asks for. Pure; a table of Paddle's event types. */
import type { IntentKind, JobName, Work } from "../core/work.ts";
import type { Event } from "./events.ts";

export type Plan =
  | { readonly do: "queue"; readonly work: Work }
  | {
      readonly do: "ignore";
      /**
       * `noted-later`: it calls for no work yet. `unknown-key-event`: it is about a key, but of a type that was not
       * known when this was written. `not-about-a-key`: the destination is subscribed to more than it needs.
       */
      readonly because: "noted-later" | "unknown-key-event" | "not-about-a-key";
    };

type EventAboutAKey = Exclude<Event, { kind: "other" }>;

/** null: noted later. */
const ASKED_FOR: Record<EventAboutAKey["type"], { job: JobName; intent: IntentKind } | null> = {
  "api_key.created": null,
  "api_key.updated": null,
  "api_key.expiring": { job: "rotate", intent: "expiring" },
  "api_key.expired": { job: "replace", intent: "expired" },
  "api_key.revoked": { job: "replace", intent: "revoked" },
  "api_key_exposure.created": { job: "revoke-first", intent: "exposed" },
  "api_key_rotation.created": null,
  "api_key_rotation.updated": null,
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
  if (!asked) return { do: "ignore", because: "noted-later" };
  const work: Work = {
    job: asked.job,
    keyName: keyNames.get(event.keyId) ?? null,
    keyId: event.keyId,
    // The event's id is the same on every delivery, so a repeated delivery is the same job.
    intent: { id: event.id, kind: asked.intent, requestedAt: event.occurredAt },
    eventId: event.id,
    ...(event.type === "api_key.expiring" && { keyExpiresAt: event.keyExpiresAt }),
  };
  return { do: "queue", work };
}
