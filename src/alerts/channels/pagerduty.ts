/**
 * PagerDuty, by its Events API v2 (PagerDuty: Events API v2 overview; Send an alert event). What belongs to one
 * incident has one `dedup_key`: reminders join the page that is open, and the all-clear resolves it.
 */
import { createHash } from "node:crypto";
import type { AlertChannel } from "../../core/ports.ts";
import type { Alert } from "../../core/alert.ts";
import type { Secret } from "../../core/secret.ts";
import { messageOf } from "../message.ts";
import { cut } from "../printable.ts";
import type { Post, Refusal } from "./post.ts";

export type PagerDutyOptions = {
  /** Whoever knows it may page. */
  readonly routingKey: Secret;
  /** Of the API. */
  readonly url: string;
};

const LONGEST_SUMMARY = 1_024;
const LONGEST_KEY = 255;
/** PagerDuty asks for minutes; a page cannot wait for long. */
const QUIET_MS = 60_000;

export function pagerDutyChannel(
  name: string,
  { routingKey, url }: PagerDutyOptions,
  post: Post,
): AlertChannel {
  const place = `alert channel ${name} (pagerduty)`;
  return {
    name,
    send: (alert) => {
      const body = JSON.stringify({ routing_key: routingKey.reveal(), ...pagerDutyEvent(alert) });
      return post({ place, url, body, explain, quietMs: QUIET_MS });
    },
  };
}

function explain(_status: number, said: string): Refusal {
  return /routing key|'routing_key'/i.test(said)
    ? {
        problem: "it does not know the routing key",
        remedy: "configure the key of an Events API v2 integration",
      }
    : {
        problem: "PagerDuty refuses the event",
        remedy:
          "check routingKey and url; if both are right, that is a fault of this program, please report it",
      };
}

/** The event as PagerDuty takes it, but for the routing key. Far below the 512 KB that one may have. */
export function pagerDutyEvent(alert: Alert) {
  const { kind, severity, keyName, keyId, incident } = alert;
  const dedup_key = short(incident?.id ?? alert.id);
  if (incident?.state === "over") return { event_action: "resolve", dedup_key };
  const { headline, happened, action, facts, links } = messageOf(alert);
  const addresses = links.filter(({ isAddress }) => isAddress);
  const elsewhere = links.filter(({ isAddress }) => !isAddress);
  return {
    event_action: "trigger",
    dedup_key,
    client: "paddle-key-rotator",
    payload: {
      summary: cut(`${headline}. ${happened}`, LONGEST_SUMMARY),
      // Which system has the problem: the key, as people call it.
      source: cut(keyName ?? keyId ?? "paddle-key-rotator", LONGEST_KEY),
      severity,
      timestamp: new Date(alert.raisedAt).toISOString(),
      component: "paddle-key-rotator",
      group: "paddle-api-keys",
      class: kind,
      custom_details: {
        "what happened": happened,
        "to do": action ?? "Nothing.",
        ...Object.fromEntries(facts.map(([fact, value]) => [fact.toLowerCase(), value])),
        ...Object.fromEntries(elsewhere.map(({ text, to }) => [text.toLowerCase(), to])),
      },
    },
    ...(addresses.length > 0 && { links: addresses.map(({ text, to }) => ({ href: to, text })) }),
  };
}

function short(key: string): string {
  if (key.length <= LONGEST_KEY) return key;
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${key.slice(0, LONGEST_KEY - digest.length - 1)}-${digest}`;
}
