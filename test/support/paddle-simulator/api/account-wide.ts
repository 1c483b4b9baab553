/** `GET /`, `/events`, `/event-types` and `/ips`. */
import type { Account, Key, PaddleEvent } from "../account/account.ts";
import { EVENT_TYPES } from "../events.ts";
import { shortTime } from "../times.ts";
import { ApiError } from "./api-error.ts";
import { requirePermission } from "./authorization.ts";
import type { Answer, Call, Endpoint } from "./endpoint.ts";
import { eventTypeEntity } from "./event-types.ts";
import { paginate, readOrder } from "./pagination.ts";

const EVENTS_KEPT_MS = 90 * 86_400_000;

// Paddle's docs, "Respond to webhooks", allow-list.
const WEBHOOK_SOURCES = {
  live: ["34.232.58.13", "34.195.105.136", "34.237.3.244", "35.155.119.135", "52.11.166.252", "34.212.5.7"],
  sandbox: [
    "34.194.127.46",
    "54.234.237.108",
    "3.208.120.145",
    "44.226.236.210",
    "44.241.183.62",
    "100.20.172.113",
  ],
};

export const ACCOUNT_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: /^\/$/, open: true, answer: getRoot },
  { method: "GET", path: /^\/events$/, open: false, answer: listEvents },
  { method: "GET", path: /^\/event-types$/, open: false, answer: listEventTypes },
  { method: "GET", path: /^\/ips$/, open: true, answer: getIps },
];

/** The ideal probe: it needs no permission, and says who is calling. */
function getRoot({ account }: Call, caller: Key | null): Answer {
  const { environment, switches } = account;
  const callerAccount = switches.callerAccount === "object" ? { id: account.id } : account.id;
  return {
    data: {
      api: {
        name: "Paddle API",
        version: "1",
        environment: environment === "live" ? "production" : "sandbox",
        documentation_url: "https://developer.paddle.com/api-reference",
      },
      caller: {
        auth_type: caller && "api_key",
        account: caller && callerAccount,
        permissions: caller?.permissions ?? [],
      },
    },
  };
}

function listEvents(call: Call, caller: Key): Answer {
  requirePermission(caller, "notification.read");
  const { account, url } = call;
  const types = url.searchParams.get("event_type")?.split(",");
  const listed = keptEvents(account).filter(({ type }) => !types || types.includes(type));
  const { page, pagination } = paginate(call, listed, readOrder(call, "desc"));
  return { data: page.map((event) => renderEvent(account, event)), pagination };
}

/** The events that Paddle still lists, oldest first. */
export function keptEvents({ clock, events }: Account): readonly PaddleEvent[] {
  const oldestAt = clock.now() - EVENTS_KEPT_MS;
  return events.filter(({ occurredAt }) => occurredAt >= oldestAt);
}

export function renderEvent({ switches }: Account, event: PaddleEvent) {
  return {
    event_id: event.id,
    event_type: event.type,
    occurred_at: shortTime(event.occurredAt),
    ...(switches.eventNotificationId === "null" && { notification_id: null }),
    data: event.data,
  };
}

function listEventTypes(): Answer {
  return { data: EVENT_TYPES.map(eventTypeEntity) };
}

function getIps({ account }: Call, caller: Key | null): Answer {
  if (!caller && account.switches.ipsNeedKey) throw new ApiError("authentication_missing");
  return { data: { ipv4_cidrs: WEBHOOK_SOURCES[account.environment].map((address) => `${address}/32`) } };
}
