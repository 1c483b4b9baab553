/** The bodies of `POST /notification-settings` and `PATCH /notification-settings/{id}`. Unknown fields are ignored. */
import { z } from "zod";
import type { DestinationOptions } from "../account/destinations.ts";
import { EVENT_TYPES, type EventType } from "../events.ts";
import type { Switches } from "../switches.ts";
import { ApiError, invalidFields } from "./api-error.ts";

const Changes = z.object({
  description: z.string().min(1).max(500).optional(),
  destination: z.string().min(1).max(2048).optional(),
  active: z.boolean().optional(),
  api_version: z.literal(1).optional(),
  include_sensitive_fields: z.boolean().optional(),
  traffic_source: z.enum(["platform", "simulation", "all"]).optional(),
  subscribed_events: z.array(z.string()).min(1).optional(),
});

const New = Changes.required({ description: true, destination: true, subscribed_events: true }).extend({
  type: z.enum(["url", "email"]),
});

export function readNew(body: string, switches: Switches): DestinationOptions {
  const { destination: url, subscribed_events: events, ...rest } = parse(New, body);
  return { url, events: known(events, switches), ...traitsOf(rest) };
}

export function readChanges(body: string, switches: Switches) {
  const { destination: url, subscribed_events: events, active, ...rest } = parse(Changes, body);
  return {
    ...(url !== undefined && { url }),
    ...(active !== undefined && { active }),
    ...(events && { events: known(events, switches) }),
    ...traitsOf(rest),
  };
}

type Fields = z.output<typeof Changes>;

function traitsOf(fields: Fields) {
  const { description, api_version: apiVersion, traffic_source: trafficSource } = fields;
  const { include_sensitive_fields: includesSensitiveFields } = fields;
  return {
    ...(description !== undefined && { description }),
    ...(apiVersion !== undefined && { apiVersion }),
    ...(trafficSource !== undefined && { trafficSource }),
    ...(includesSensitiveFields !== undefined && { includesSensitiveFields }),
  };
}

function known(names: readonly string[], { rotationSubscriptions }: Switches): EventType[] {
  const offered: readonly string[] = EVENT_TYPES.filter((name) => {
    return rotationSubscriptions || !name.startsWith("api_key_rotation.");
  });
  const unknown = names.filter((name) => !offered.includes(name));
  if (unknown.length > 0)
    throw invalidFields({ field: "subscribed_events", message: `unknown: ${unknown.join(", ")}` });
  return EVENT_TYPES.filter((name) => names.includes(name));
}

function parse<Output>(schema: z.ZodType<Output>, body: string): Output {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new ApiError("bad_request");
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw invalidFields(
    ...parsed.error.issues.map(({ path, message }) => ({ field: path.join("."), message })),
  );
}
