/** `/notification-settings`: the destinations, each with the secret that its webhooks are signed with. */
import type { Key } from "../account/account.ts";
import { addDestination, type Destination } from "../account/destinations.ts";
import type { NotificationSettingEntity } from "../entities.ts";
import { ApiError, invalidFields, notFound } from "./api-error.ts";
import { requirePermission } from "./authorization.ts";
import type { Answer, Call, Endpoint } from "./endpoint.ts";
import { eventTypeEntity } from "./event-types.ts";
import { paginate, readOrder } from "./pagination.ts";
import { readChanges, readNew } from "./settings.ts";

const DEFAULT_PER_PAGE = 200;
const ONE = /^\/notification-settings\/([^/]+)$/;

export const DESTINATION_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: /^\/notification-settings$/, open: false, answer: listDestinations },
  { method: "POST", path: /^\/notification-settings$/, open: false, answer: createDestination },
  { method: "GET", path: ONE, open: false, answer: getDestination },
  { method: "PATCH", path: ONE, open: false, answer: changeDestination },
];

function createDestination({ account, body }: Call, caller: Key): Answer {
  requirePermission(caller, "notification_setting.write");
  const options = readNew(body, account.switches);
  const { maxActiveDestinations: most } = account.switches;
  if (most !== null && account.destinations.filter(({ active }) => active).length >= most)
    throw new ApiError("bad_request", { detail: `At most ${most} destinations may be active.` });
  const destination = addDestination(account, options);
  return { status: 201, data: renderDestination(destination) };
}

function getDestination(call: Call, caller: Key): Answer {
  requirePermission(caller, "notification_setting.read");
  return { data: renderDestination(find(call)) };
}

function changeDestination(call: Call, caller: Key): Answer {
  requirePermission(caller, "notification_setting.write");
  const destination = find(call);
  return {
    data: renderDestination(Object.assign(destination, readChanges(call.body, call.account.switches))),
  };
}

function find({ account, params: [id = ""] }: Call): Destination {
  const destination = account.destinations.find((each) => each.id === id);
  if (!destination) throw notFound(id);
  return destination;
}

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

function renderDestination(destination: Destination): NotificationSettingEntity {
  const { id, url, active, events, secret } = destination;
  return {
    id,
    description: destination.description,
    type: "url",
    destination: url,
    active,
    api_version: destination.apiVersion,
    include_sensitive_fields: destination.includesSensitiveFields,
    traffic_source: destination.trafficSource,
    subscribed_events: events.map(eventTypeEntity),
    endpoint_secret_key: secret,
  };
}
