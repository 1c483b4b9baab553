/** What every channel shows of an alert, in its own form: the same words everywhere, fit to be shown. */
import type { Alert, Severity } from "../core/alert.ts";
import { printable } from "./printable.ts";

export type Message = {
  /** For who reads one line and no more. */
  readonly headline: string;
  readonly mark: Severity | "over";
  readonly happened: string;
  /** null: nothing is to be done. */
  readonly action: string | null;
  /** What tells this message from others: names and values. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Where the reader goes from here. */
  readonly links: readonly Link[];
};

/** `to`: printable. Unless `isAddress`, it is a place to be read and not to be followed. */
export type Link = {
  readonly text: "Page" | "Runbook";
  readonly to: string;
  readonly isAddress: boolean;
};

const LONGEST_HEADLINE = 150;
const LONGEST_TEXT = 2_000;
const LONGEST_FACT = 256;
/** What was cut leads nowhere: a longer one is left out. */
const LONGEST_LINK = 256;

export function messageOf(alert: Alert): Message {
  const { id, kind, severity, keyName, keyId, happened, action, raisedAt, incident } = alert;
  const mark = incident?.state === "over" ? "over" : severity;
  const number = reminderOf(alert);
  const label = number === null ? mark : `${mark}, reminder ${number}`;
  const subject = keyName ?? keyId ?? "paddle-key-rotator";
  return {
    headline: printable(`[${label}] ${subject}: ${kind.replaceAll("-", " ")}`, LONGEST_HEADLINE),
    mark,
    happened: printable(happened, LONGEST_TEXT),
    action: action === null ? null : printable(action, LONGEST_TEXT),
    facts: [
      ["Key", keyName !== null && keyId !== null ? `${keyName}, ${keyId}` : (keyName ?? keyId)],
      ["At", new Date(raisedAt).toISOString()],
      ["Incident", incident && incident.id !== id ? incident.id : null],
      ["Alert", id],
    ].flatMap(([name, value]) => (name && value ? [[name, printable(value, LONGEST_FACT)] as const] : [])),
    links: linksIn(alert),
  };
}

function linksIn({ links }: Alert): readonly Link[] {
  const found = [
    ["Page", links?.page],
    ["Runbook", links?.runbook],
  ] as const;
  return found.flatMap(([text, to]) =>
    to && to.length <= LONGEST_LINK
      ? [{ text, to: printable(to, LONGEST_LINK), isAddress: isAddress(to) }]
      : [],
  );
}

/** Nothing but the characters of a plain address: whatever surrounds it, it ends where it is meant to. */
function isAddress(text: string): boolean {
  return /^https?:\/\/[\w.~:/?#[\]@!$'()*+,;=%-]+$/.test(text);
}

/** The number that a reminder's id carries (see incidents.ts); null: it is none. */
export function reminderOf({ id, incident }: Alert): number | null {
  if (incident?.state !== "open" || !id.startsWith(`${incident.id}-again-`)) return null;
  const digits = id.slice(`${incident.id}-again-`.length);
  return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}
