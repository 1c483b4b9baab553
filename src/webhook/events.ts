/**
 * From a verified body to an event. Only what is needed is asked for: a field that we do not use must never cost
 * us an event. But an event about a key whose data does not say which key is refused, so that Paddle shows it as
 * failed; it is never ignored.
 */
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { EXPOSURE_EVENTS, KEY_EVENTS, ROTATION_EVENTS } from "../core/key-events.ts";
import type { VerifiedBody } from "./signature.ts";

export type KeyEvent = Head & {
  readonly kind: "key";
  readonly type: (typeof KEY_EVENTS)[number];
  readonly keyId: string;
  /** Epoch milliseconds; null: it never expires, or the event does not say when. */
  readonly keyExpiresAt: number | null;
  /** When the key was found in public first, epoch milliseconds; null: never, or the event does not say. */
  readonly keyExposedAt: number | null;
};

export type Event =
  | KeyEvent
  | (Head & {
      readonly kind: "exposure";
      readonly type: (typeof EXPOSURE_EVENTS)[number];
      readonly keyId: string;
    })
  | (Head & {
      readonly kind: "rotation";
      readonly type: (typeof ROTATION_EVENTS)[number];
      readonly keyId: string;
      readonly rotationId: string;
    })
  | (Head & { readonly kind: "other"; readonly type: string });

/** `id` is the same on every delivery of one event; `occurredAt` is epoch milliseconds. */
type Head = { readonly id: string; readonly occurredAt: number };

// Paddle's ids are <prefix>_<26 of a-z0-9>. More is let through, so that a longer id costs us no event, but only
// what is safe in a job id and in a URL.
const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[A-Za-z0-9_-]{1,64}$`));
const time = z.iso.datetime({ offset: true });
const head = { event_id: id("evt"), occurred_at: time };
const toHead = (body: { event_id: string; occurred_at: string }): Head => ({
  id: body.event_id,
  occurredAt: Date.parse(body.occurred_at),
});
const toTime = (text: string | null) => (text === null ? null : Date.parse(text));

const readKeyEvent = reader(
  z.object({
    ...head,
    event_type: z.enum(KEY_EVENTS),
    // The times are hints: whoever acts on them asks Paddle again.
    data: z.object({
      id: id("apikey"),
      expires_at: time.nullable().catch(null),
      exposed_at: time.nullable().catch(null),
    }),
  }),
  (body) => ({
    ...toHead(body),
    kind: "key",
    type: body.event_type,
    keyId: body.data.id,
    keyExpiresAt: toTime(body.data.expires_at),
    keyExposedAt: toTime(body.data.exposed_at),
  }),
);

const readExposureEvent = reader(
  z.object({
    ...head,
    event_type: z.enum(EXPOSURE_EVENTS),
    data: z.object({ api_key_id: id("apikey") }),
  }),
  (body) => ({ ...toHead(body), kind: "exposure", type: body.event_type, keyId: body.data.api_key_id }),
);

const readRotationEvent = reader(
  z.object({
    ...head,
    event_type: z.enum(ROTATION_EVENTS),
    data: z.object({ id: id("apkrot"), api_key_id: id("apikey") }),
  }),
  (body) => ({
    ...toHead(body),
    kind: "rotation",
    type: body.event_type,
    keyId: body.data.api_key_id,
    rotationId: body.data.id,
  }),
);

const readOtherEvent = reader(z.object({ ...head, event_type: z.string().min(1).max(200) }), (body) => ({
  ...toHead(body),
  kind: "other",
  type: body.event_type,
}));

const READERS = new Map<unknown, (json: unknown) => Parsed>([
  ...KEY_EVENTS.map((type) => [type, readKeyEvent] as const),
  ...EXPOSURE_EVENTS.map((type) => [type, readExposureEvent] as const),
  ...ROTATION_EVENTS.map((type) => [type, readRotationEvent] as const),
]);

/** Not by `transform`, which costs as much as the check itself. */
function reader<Body>(schema: z.ZodType<Body>, toEvent: (body: Body) => Event): (json: unknown) => Parsed {
  return (json) => {
    const parsed = schema.safeParse(json);
    if (parsed.success) return { event: toEvent(parsed.data) };
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
    return { notAnEvent: faults.join("; ") };
  };
}

/** `notAnEvent` says for the log what is wrong; it quotes nothing. */
export type Parsed = { readonly event: Event } | { readonly notAnEvent: string };

export function parseEvent(body: VerifiedBody): Parsed {
  // Decoding would only replace what is not UTF-8. A byte order mark is kept, for JSON.parse to refuse: JSON between
  // systems has none (RFC 8259, 8.1).
  if (!isUtf8(body)) return { notAnEvent: NOT_JSON };
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    return { notAnEvent: NOT_JSON };
  }
  return readEvent(json);
}

const NOT_JSON = "the body is not JSON in UTF-8";

/** An event that is known to come from Paddle. */
export function readEvent(json: unknown): Parsed {
  return (READERS.get(typeOf(json)) ?? readOtherEvent)(json);
}

function typeOf(json: unknown): unknown {
  return typeof json === "object" && json !== null && "event_type" in json ? json.event_type : undefined;
}
