/**
 * PagerDuty's Events API v2: it refuses what PagerDuty refuses, and groups events by their key as PagerDuty does
 * (PagerDuty: Events API v2 overview, with limits and response codes; Send an alert event).
 */
import { z } from "zod";
import type { Answer, Request } from "./http-fake.ts";

const MOST_BYTES = 512 * 1024;

const Common = { routing_key: z.string().length(32), dedup_key: z.string().max(255).optional() };
const Event = z.discriminatedUnion("event_action", [
  z.object({
    ...Common,
    event_action: z.literal("trigger"),
    client: z.string().optional(),
    payload: z.object({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(["critical", "error", "warning", "info"]),
      timestamp: z.iso.datetime().optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
  z.object({ ...Common, event_action: z.enum(["acknowledge", "resolve"]), dedup_key: z.string().max(255) }),
]);
export type PagerDutyEvent = z.output<typeof Event>;

export class PagerDutyFake {
  readonly path = "/v2/enqueue";
  readonly routingKey = "pagerdutyCanary00pagerdutyCanary";
  readonly events: PagerDutyEvent[] = [];
  /** The keys of the alerts that are open. */
  readonly open = new Set<string>();
  /** How often somebody was paged. */
  pages = 0;

  serve({ method, path, body }: Request): Answer {
    if (method !== "POST" || path !== this.path) return { status: 404, body: "" };
    if (Buffer.byteLength(body) > MOST_BYTES) return invalid("Event is too large");
    const event = Event.safeParse(JSON.parse(body));
    if (!event.success) return invalid(event.error.issues.map((issue) => issue.path.join(".")).join(", "));
    if (event.data.routing_key !== this.routingKey) return invalid("Invalid routing key");
    const key = event.data.dedup_key ?? `made-up-${this.events.length}`;
    this.events.push(event.data);
    if (event.data.event_action === "resolve") this.open.delete(key);
    if (event.data.event_action === "trigger" && !this.open.has(key)) {
      this.open.add(key);
      this.pages += 1;
    }
    const accepted = { status: "success", message: "Event processed", dedup_key: key };
    return { status: 202, body: JSON.stringify(accepted) };
  }
}

function invalid(error: string): Answer {
  const body = { status: "invalid event", message: "Event object is invalid", errors: [error] };
  return { status: 400, body: JSON.stringify(body) };
}
