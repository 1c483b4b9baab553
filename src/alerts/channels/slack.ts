/**
 * Slack, by an incoming webhook (Slack: Sending messages using incoming webhooks; Block Kit reference). A webhook
 * cannot tell a repeat: after a lost answer a message may come twice.
 */
import type { AlertChannel } from "../../core/ports.ts";
import type { Alert, Severity } from "../../core/alert.ts";
import type { Secret } from "../../core/secret.ts";
import { type Link, type Message, messageOf } from "../message.ts";
import { cut } from "../printable.ts";
import type { Post, Refusal } from "./post.ts";

export type SlackOptions = {
  /** Whoever knows it may write to the channel. */
  readonly url: Secret;
};

/** Of a text in a block, whatever its kind. */
const LONGEST_TEXT = 3_000;

const SIGNS: Readonly<Record<Severity | "over", string>> = {
  critical: "🔴",
  warning: "🟠",
  info: "🔵",
  over: "🟢",
};

/** Slack's own words for what is wrong (Slack: Improving error conditions for incoming webhooks). */
const REFUSALS: readonly (readonly [words: RegExp, Refusal])[] = [
  [
    /no_service|no_team|no_active_hooks|invalid_token|token_revoked|team_disabled/,
    { problem: "the webhook is gone", remedy: "make a new one in Slack and configure its address as url" },
  ],
  [
    /channel_is_archived|channel_not_found|is_archived/,
    {
      problem: "its Slack channel is archived or deleted",
      remedy: "bring it back, or configure the webhook of another one as url",
    },
  ],
  [
    /action_prohibited|posting_to_general_channel_denied|restricted/,
    { problem: "an administrator of Slack forbids it", remedy: "ask them, or use another Slack channel" },
  ],
  [
    /invalid_payload|invalid_blocks|no_text|too_many_attachments/,
    { problem: "Slack cannot read the message", remedy: "that is a fault of this program; please report it" },
  ],
];

export function slackChannel(name: string, { url }: SlackOptions, post: Post): AlertChannel {
  const place = `alert channel ${name} (slack)`;
  return {
    name,
    send: (alert) => post({ place, url: url.reveal(), body: JSON.stringify(slackMessage(alert)), explain }),
  };
}

function explain(status: number, said: string): Refusal {
  const known = REFUSALS.find(([words]) => words.test(said));
  if (known) return known[1];
  return status === 404 || status === 410
    ? { problem: "nothing is there", remedy: "check url; a webhook that was removed is made anew in Slack" }
    : { problem: "Slack refuses it", remedy: "check url and the Slack channel that it leads to" };
}

/** The message as Slack takes it. */
export function slackMessage(alert: Alert) {
  const message = messageOf(alert);
  const headline = `${SIGNS[message.mark]} ${message.headline}`;
  return {
    // For notifications and for readers that show no blocks.
    text: marked(
      [message.headline, message.happened, toDo(message), ...message.links.map(plainLink)].join("\n"),
    ),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: plain(cut(headline, 150)) },
      section(marked(message.happened)),
      section(marked(toDo(message))),
      ...(message.links.length === 0 ? [] : [section(message.links.map(markedLink).join(" · "))]),
      {
        type: "context",
        elements: [plain(message.facts.map(([fact, value]) => `${fact}: ${value}`).join("\n"))],
      },
    ],
  };
}

function toDo({ action }: Message): string {
  return action === null ? "Nothing to do." : `*To do:* ${action}`;
}

function plainLink({ text, to }: Link): string {
  return `${text}: ${to}`;
}

function markedLink(link: Link): string {
  return link.isAddress ? `<${escaped(link.to)}|${escaped(link.text)}>` : escaped(plainLink(link));
}

/** `verbatim`: nothing in it becomes a link or a mention by itself. */
function section(text: string) {
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

function plain(text: string) {
  return { type: "plain_text", text: cut(text, LONGEST_TEXT), emoji: false };
}

/** Slack's own three escapes: without them a text could bring links and call everybody (`<!channel>`). */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function marked(text: string): string {
  const whole = escaped(text);
  if (whole.length <= LONGEST_TEXT) return whole;
  return `${cut(whole, LONGEST_TEXT).replace(/(&[a-z]*)?…$/, "")}…`;
}
