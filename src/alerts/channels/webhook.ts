/** Any service that takes signed JSON (Standard Webhooks 1.0.0): the id is that of the alert, also when it is sent again. */
import { Webhook } from "standardwebhooks";
import type { AlertChannel, Clock } from "../../core/ports.ts";
import type { Alert } from "../../core/alert.ts";
import type { Secret } from "../../core/secret.ts";
import { type Link, messageOf, reminderOf } from "../message.ts";
import { printable } from "../printable.ts";
import type { Post, Refusal } from "./post.ts";

export type WebhookOptions = {
  readonly url: Secret;
  /** `whsec_` and base64. */
  readonly secret: Secret;
};

const LONGEST_WORD = 256;

export function webhookChannel(
  name: string,
  { url, secret }: WebhookOptions,
  { post, clock }: { readonly post: Post; readonly clock: Clock },
): AlertChannel {
  const place = `alert channel ${name} (webhook)`;
  const signer = new Webhook(secret.reveal());
  return {
    name,
    async send(alert) {
      const id = webhookId(alert);
      const body = JSON.stringify(webhookBody(alert));
      // Of this try, not of the alert: receivers refuse old ones.
      const sentAt = new Date(clock.now());
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
        "webhook-signature": signer.sign(id, sentAt, body),
      };
      await post({ place, url: url.reveal(), headers, body, explain });
    },
  };
}

function explain(status: number): Refusal {
  if (status === 401 || status === 403)
    return { problem: "it does not let this alert in", remedy: "check that it has the same secret" };
  if (status === 404 || status === 410) return { problem: "nothing is there", remedy: "check url" };
  return { problem: "it refuses the alert", remedy: "look into its log, and check url" };
}

/** The signed text has dots between its parts, so the id has none. */
export function webhookId({ id }: Alert): string {
  return id.replaceAll(/[^\w-]/g, "-");
}

export function webhookBody(alert: Alert) {
  const { id, kind, severity, keyName, keyId, raisedAt, incident } = alert;
  const { happened, action, links } = messageOf(alert);
  return {
    type: "paddle_key_rotator.alert",
    timestamp: new Date(raisedAt).toISOString(),
    data: {
      id,
      kind,
      severity,
      key: word(keyName),
      keyId: word(keyId),
      happened,
      action,
      incident: incident ? { ...incident, reminder: reminderOf(alert) } : null,
      links: { page: placeOf("Page", links), runbook: placeOf("Runbook", links) },
    },
  };
}

function placeOf(text: Link["text"], links: readonly Link[]): string | null {
  return links.find((link) => link.text === text)?.to ?? null;
}

function word(text: string | null): string | null {
  return text === null ? null : printable(text, LONGEST_WORD);
}
