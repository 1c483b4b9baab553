/** `GET /notification-settings`: the destinations, each with the secret that its webhooks are signed with. */
import type { Key } from "../account/account.ts";
import type { Destination } from "../account/destinations.ts";
import type { NotificationSettingEntity } from "../entities.ts";
import { invalidFields } from "./api-error.ts";
import { requirePermission } from "./authorization.ts";
import type { Answer, Call, Endpoint } from "./endpoint.ts";
import { eventTypeEntity } from "./event-types.ts";
import { paginate, readOrder } from "./pagination.ts";

const DEFAULT_PER_PAGE = 200;

export const DESTINATION_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: /^\/notification-settings$/, open: false, answer: listDestinations },
];

function listDestinations(call: Call, caller: Key): Answer {
  requirePermission(caller, "notification_setting.read");
  const { destinations, switches } = call.account;
  const fallback = switches.inactiveDestinations === "listed" ? null : true;
  const active = readActive(call) ?? fallback;
  const listed = destinations.filter((destination) => active === null || destination.active === active);
  const { page, pagination } = paginate(call, listed, readOrder(call, "desc"), DEFAULT_PER_PAGE);
  return { data: page.map(renderDestination), pagination };
}

/** null: the call does not say. */
function readActive(call: Call): boolean | null {
  const text = call.url.searchParams.get("active");
  if (text === null) return null;
  if (text !== "true" && text !== "false")
    throw invalidFields({ field: "active", message: "must be true or false" });
  return text === "true";
}

function renderDestination({ id, url, active, events, secret }: Destination): NotificationSettingEntity {
  return {
    id,
    description: `Destination ${id.slice(-4)}`,
    type: "url",
    destination: url,
    active,
    api_version: 1,
    include_sensitive_fields: false,
    traffic_source: "platform",
    subscribed_events: events.map(eventTypeEntity),
    endpoint_secret_key: secret,
  };
}
