/** Creates and changes notification destinations (Paddle: Notification settings). Only `register` does so. */
import { z } from "zod";
import type { DestinationChanges, DestinationSettings, PaddleDestinations } from "../core/ports.ts";
import { Secret } from "../core/secret.ts";
import type { Call } from "./call.ts";
import { dataOf, type Reader } from "./reader.ts";

const PATH = "/notification-settings";
/** As in account-reads.ts: each destination describes every event that it is subscribed to. */
const PER_PAGE = "25";

const name = z.union([z.string(), z.object({ name: z.string() }).transform((event) => event.name)]);

/** What is not said is null, so that nobody takes it for a difference. */
const DestinationItem = z
  .object({
    id: z.string().min(1),
    type: z.string().catch("url"),
    destination: z.string().min(1),
    active: z.boolean(),
    subscribed_events: z.array(name),
    description: z.string().nullable().catch(null),
    api_version: z.number().nullable().catch(null),
    traffic_source: z.string().nullable().catch(null),
    include_sensitive_fields: z.boolean().nullable().catch(null),
    endpoint_secret_key: z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/)
      .refine((text) => !text.includes("****"))
      .transform((text) => new Secret(text))
      .nullable()
      .catch(null),
  })
  .transform(({ id, type, ...fields }) => ({
    id,
    isEmail: type === "email",
    settings: toSettings(id, fields),
  }));

function toSettings(
  id: string,
  fields: {
    destination: string;
    active: boolean;
    subscribed_events: string[];
    description: string | null;
    api_version: number | null;
    traffic_source: string | null;
    include_sensitive_fields: boolean | null;
    endpoint_secret_key: Secret | null;
  },
): DestinationSettings {
  return {
    id,
    url: fields.destination,
    active: fields.active,
    subscribedEvents: fields.subscribed_events,
    description: fields.description,
    apiVersion: fields.api_version,
    trafficSource: fields.traffic_source,
    includesSensitiveFields: fields.include_sensitive_fields,
    endpointSecret: fields.endpoint_secret_key,
  };
}

const Answered = dataOf(DestinationItem);

export function destinationWrites(reader: Reader): PaddleDestinations {
  return {
    // As in account-reads.ts: whether those that are off are listed unasked is not documented.
    async listDestinationSettings(secret) {
      const found = new Map<string, DestinationSettings>();
      for (const active of ["true", "false"]) {
        const items = await reader.readAll(PATH, secret, DestinationItem, { active, per_page: PER_PAGE });
        for (const { id, isEmail, settings } of items) if (!isEmail) found.set(id, settings);
      }
      return [...found.values()];
    },

    async createDestination(secret, settings) {
      const call = { method: "POST", path: PATH, secret, mayChange: "destination" } as const;
      const body = { type: "url", ...toBody(settings) };
      return (await reader.read({ ...call, body }, Answered)).settings;
    },

    async updateDestination(secret, id, changes) {
      const path = `${PATH}/${encodeURIComponent(id)}`;
      const call = { method: "PATCH", path, secret, mayChange: "destination" } as const;
      return (await reader.read({ ...call, body: toBody(changes) }, Answered)).settings;
    },
  };
}

/** What is left out stays as it is. */
function toBody(changes: DestinationChanges): NonNullable<Call["body"]> {
  const { url, description, active, apiVersion, trafficSource, includesSensitiveFields, subscribedEvents } =
    changes;
  return {
    ...(description !== undefined && { description }),
    ...(url !== undefined && { destination: url }),
    ...(active !== undefined && { active }),
    ...(apiVersion !== undefined && { api_version: apiVersion }),
    ...(trafficSource !== undefined && { traffic_source: trafficSource }),
    ...(includesSensitiveFields !== undefined && { include_sensitive_fields: includesSensitiveFields }),
    ...(subscribedEvents !== undefined && { subscribed_events: subscribedEvents }),
  };
}
