/**
 * Slack's side of an incoming webhook: it refuses what Slack refuses (Slack: Sending messages using incoming webhooks;
 * Improving error conditions for incoming webhooks; Block Kit: header, section, context, text object).
 */
import { z } from "zod";
import type { Answer, Request } from "./http-fake.ts";

const plain = (most: number) =>
  z.strictObject({
    type: z.literal("plain_text"),
    text: z.string().min(1).max(most),
    emoji: z.boolean().optional(),
  });
const marked = z.strictObject({
  type: z.literal("mrkdwn"),
  text: z.string().min(1).max(3_000),
  verbatim: z.boolean().optional(),
});

const Block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), text: plain(150) }),
  z.strictObject({ type: z.literal("section"), text: z.union([plain(3_000), marked]) }),
  z.strictObject({
    type: z.literal("context"),
    elements: z
      .array(z.union([plain(3_000), marked]))
      .min(1)
      .max(10),
  }),
]);

const Message = z.object({
  text: z.string().max(40_000).optional(),
  blocks: z.array(Block).max(50).optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});
export type SlackMessage = z.output<typeof Message>;

export class SlackFake {
  readonly path = "/services/T0CANARY/B0CANARY/slackCanarySlackCanary24";
  readonly messages: SlackMessage[] = [];

  serve({ method, path, headers, body }: Request): Answer {
    if (method !== "POST") return refuse(405, "method_not_allowed");
    if (path !== this.path) return refuse(404, "no_service");
    if (!headers["content-type"]?.startsWith("application/json")) return refuse(400, "invalid_payload");
    const json = parse(body);
    if (json === null || typeof json !== "object") return refuse(400, "invalid_payload");
    const message = Message.safeParse(json);
    if (!message.success) return refuse(400, "invalid_blocks");
    if (!message.data.text && !message.data.blocks) return refuse(400, "no_text");
    this.messages.push(message.data);
    return { status: 200, body: "ok" };
  }
}

function refuse(status: number, body: string): Answer {
  return { status, body };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
