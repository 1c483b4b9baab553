/** Three alerts as people get them in each channel, for the documentation. */
import { linksOf } from "../../../src/alerts/links.ts";
import { formerKeyEnded, formerMustBeRevoked } from "../../../src/alerts/survivor-messages.ts";
import { webhooksMissed } from "../../../src/alerts/reconcile-messages.ts";
import { emailOf } from "../../../src/alerts/channels/email.ts";
import { pagerDutyEvent } from "../../../src/alerts/channels/pagerduty.ts";
import { slackMessage } from "../../../src/alerts/channels/slack.ts";
import { webhookBody } from "../../../src/alerts/channels/webhook.ts";
import type { Alert } from "../../../src/core/alert.ts";
import { KEY_ID, keyWith, STEADY } from "../admin/keys.ts";
import { RAISED_AT } from "./sample-alerts.ts";

const HOUR_MS = 3_600_000;
const intent = { id: "evt_01kaa1b2c3d4e5f6g7h8j9k0mn", kind: "exposed", requestedAt: RAISED_AT } as const;
const work = {
  job: "replace",
  keyName: "billing-worker",
  keyId: KEY_ID,
  intent,
  eventId: intent.id,
} as const;

const opening = formerMustBeRevoked(keyWith(STEADY, "billing-worker"), work, "seen", RAISED_AT);
const ending = formerKeyEnded("billing-worker", KEY_ID, "exposed", RAISED_AT + HOUR_MS);

const ALERTS: Readonly<Record<string, Alert>> = {
  "a page": linked({ ...opening, incident: { id: opening.id, state: "open" } }),
  "its end": linked({ ...ending, incident: { id: opening.id, state: "over" } }),
  "a warning about the account": linked(webhooksMissed(3, RAISED_AT)),
};

function linked(alert: Alert): Alert {
  const places = { adminUrl: "https://rotator.example.com", keyNames: ["billing-worker"] };
  return { ...alert, links: linksOf(alert, places) };
}

const RENDERERS: Readonly<Record<string, (alert: Alert) => string>> = {
  slack: (alert) => block("text", slackText(alert)),
  pagerduty: (alert) => block("json", JSON.stringify(pagerDutyEvent(alert), null, 2)),
  email: (alert) => {
    const { subject, text } = emailOf(alert, "rotator@example.com");
    return block("text", `Subject: ${subject}\n\n${text.trimEnd()}`);
  },
  webhook: (alert) => block("json", JSON.stringify(webhookBody(alert), null, 2)),
};

export const CHANNEL_TYPES = Object.keys(RENDERERS);

/** The blocks of the page, in their order. */
export function examplesOf(type: string): string[] {
  const render = RENDERERS[type];
  if (!render) throw new Error(`nobody renders ${type}`);
  return Object.entries(ALERTS).map(([what, alert]) => `For ${what}:\n\n${render(alert)}`);
}

function slackText(alert: Alert): string {
  const texts = slackMessage(alert).blocks.flatMap((part) =>
    "elements" in part ? part.elements.map(({ text }) => text) : [part.text?.text ?? ""],
  );
  return texts
    .join("\n\n")
    .replaceAll(/<(https:[^|]+)\|(\w+)>/g, "$2: $1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll(/\*(To do:)\*/g, "$1");
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
