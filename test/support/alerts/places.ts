/** Every alert channel with its other side, for the contract. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { pino } from "pino";
import { createChannel } from "../../../src/alerts/channels/registry.ts";
import { logChannel } from "../../../src/alerts/log.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { ChannelPlace, Received } from "../../contract/alert-channel.contract.ts";
import { captureLog } from "../captured-log.ts";
import { FakeClock } from "../fake-clock.ts";
import { HttpFake } from "./http-fake.ts";
import { type Mail, MailServer } from "./mail-server.ts";
import { PagerDutyFake } from "./pagerduty-fake.ts";
import { SlackFake, type SlackMessage } from "./slack-fake.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";

const log = pino({ level: "silent" });

export async function logPlace(): Promise<ChannelPlace> {
  const captured = captureLog();
  return {
    channel: logChannel(captured.log),
    received: () =>
      captured.lines.map((line) => ({ id: idOf(line["alert"]), text: JSON.stringify(line), active: [] })),
    async [Symbol.asyncDispose]() {},
  };
}

export async function slackPlace(): Promise<ChannelPlace> {
  const slack = new SlackFake();
  const server = await HttpFake.open((request) => slack.serve(request));
  const clock = new FakeClock();
  const url = `${server.origin}${slack.path}`;
  const config = { type: "slack", minSeverity: "info", url: new Secret(url) } as const;
  return {
    channel: await createChannel("ops", config, { clock, log }),
    received: () => slack.messages.map(seenInSlack),
    wire: {
      ...httpWire(server, clock, {
        "the webhook is gone": [404, "no_service"],
        archived: [410, "channel_is_archived"],
        administrator: [403, "action_prohibited"],
        "cannot read": [400, "invalid_blocks"],
        "nothing is there": [404, "<html>"],
        "points elsewhere": [302, ""],
      }),
      secrets: ["slackCanary", "B0CANARY"],
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function seenInSlack({ text = "", blocks = [] }: SlackMessage): Received {
  const texts = blocks.flatMap((block) => (block.type === "context" ? block.elements : [block.text]));
  const marked = texts.filter(({ type }) => type === "mrkdwn");
  // What Slack's parser looks for (Slack: Formatting text for app surfaces); unescaped, it acts.
  const active = [text, ...marked.map((part) => part.text)].flatMap((part) => part.match(/[<>].*/g) ?? []);
  const links = marked.filter((part) => !("verbatim" in part && part.verbatim)).map((part) => part.text);
  const shown = texts.map((part) => (part.type === "mrkdwn" ? unescapeSlack(part.text) : part.text));
  return { id: null, text: shown.join("\n").replaceAll("*", ""), active: [...active, ...links] };
}

function unescapeSlack(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export async function pagerDutyPlace(): Promise<ChannelPlace> {
  const pagerDuty = new PagerDutyFake();
  const server = await HttpFake.open((request) => pagerDuty.serve(request));
  const clock = new FakeClock();
  const config = {
    type: "pagerduty",
    minSeverity: "critical",
    routingKey: new Secret(pagerDuty.routingKey),
    url: `${server.origin}${pagerDuty.path}`,
  } as const;
  return {
    channel: await createChannel("oncall", config, { clock, log }),
    received: () =>
      pagerDuty.events.map(({ dedup_key = null, ...event }) => {
        const { routing_key: _, ...shown } = event;
        return { id: dedup_key, text: readable({ ...shown, dedup_key }), active: [] };
      }),
    wire: {
      ...httpWire(server, clock, {
        "does not know the routing key": [400, '{"errors":["Invalid routing key"]}'],
        "refuses the event": [400, '{"errors":["too long"]}'],
        "points elsewhere": [307, ""],
      }),
      secrets: ["pagerdutyCanary"],
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export async function webhookPlace(): Promise<ChannelPlace> {
  const clock = new FakeClock();
  const receiver = new WebhookReceiver(() => clock.now());
  const server = await HttpFake.open((request) => receiver.serve(request));
  const config = {
    type: "webhook",
    minSeverity: "info",
    url: new Secret(`${server.origin}${receiver.path}`),
    secret: new Secret(receiver.secret),
  } as const;
  return {
    channel: await createChannel("tickets", config, { clock, log }),
    received: () =>
      receiver.deliveries.map((delivery) => ({ id: delivery.id, text: readable(delivery), active: [] })),
    wire: {
      ...httpWire(server, clock, {
        "the same secret": [401, "no"],
        "nothing is there": [410, ""],
        "refuses the alert": [422, ""],
        "points elsewhere": [308, ""],
      }),
      secrets: ["webhookCanary", receiver.secret.slice(6)],
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export async function emailPlace(tls: "starttls" | "tls" = "starttls"): Promise<ChannelPlace> {
  const server = await MailServer.open({ tls });
  const clock = new FakeClock();
  const folder = await mkdtemp(join(tmpdir(), "rotator-mail-"));
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, server.certificate.cert);
  const config = {
    type: "email",
    minSeverity: "info",
    host: "localhost",
    port: server.port,
    tls,
    login: { user: server.user, password: new Secret(server.password) },
    from: "rotator@example.com",
    to: ["billing-ops@example.com", "oncall@example.com"],
    caFile,
  } as const;
  return {
    channel: await createChannel("mail", config, { clock, log }),
    received: () => server.mails.map((mail) => seenInMail(mail, config.to)),
    wire: {
      clock,
      secrets: [server.password, Buffer.from(server.password).toString("base64")],
      refusals: {
        "check user and password": () => (server.trouble = { at: "sign-in", code: 535 }),
        "check from and to": () => (server.trouble = { at: "recipient", code: 550 }),
        "refuses the mail": () => (server.trouble = { at: "message", code: 554 }),
      },
      setbacks: {
        "no sign-in now": () => (server.trouble = { at: "sign-in", code: 454 }),
        greylisting: () => (server.trouble = { at: "recipient", code: 450 }),
        "too many mails": () => (server.trouble = { at: "message", code: 451 }),
      },
      loseNextAnswer: () => (server.trouble = "lose"),
      hang: () => (server.trouble = "hang"),
      hanging: () => server.hanging(),
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const OUR_TAGS = /^<\/?(!doctype html|html( lang="en")?|body|p|strong|small|br)>$/;

function seenInMail({ email, recipients, source }: Mail, to: readonly string[]): Received {
  const html = email.html ?? "";
  const tags = (html.match(/<[^>]*>/g) ?? []).filter((tag) => !OUR_TAGS.test(tag));
  const strangers = recipients.filter((address) => !to.includes(address));
  const head = source.slice(0, source.indexOf("\r\n\r\n"));
  const headers = head.split("\r\n").filter((line) => /^(b?cc|reply-to):/i.test(line));
  return {
    id: email.messageId ?? null,
    text: `${email.subject ?? ""}\n${email.text ?? ""}\n${email.references ?? ""}`,
    active: [...tags, ...strangers, ...headers],
  };
}

function httpWire(
  server: HttpFake,
  clock: FakeClock,
  refusals: Readonly<Record<string, readonly [status: number, body: string]>>,
) {
  const answer = (status: number, body: string, headers: Record<string, string> = {}) => {
    // All that was sent last, as a careless service might repeat it.
    const last = server.requests.at(-1);
    const echo = last ? `${last.path} ${JSON.stringify(last.headers)} ${last.body}` : "";
    server.trouble = { status, headers, body: `${body} ${echo}`.trim() };
  };
  return {
    clock,
    refusals: Object.fromEntries(
      Object.entries(refusals).map(([says, [status, body]]) => {
        const location = { location: `${server.origin}/elsewhere` };
        return [says, () => answer(status, body, status < 400 ? location : {})];
      }),
    ),
    setbacks: {
      "too many requests": () => answer(429, "rate_limited"),
      "a fault of the service": () => answer(500, "oops"),
      "a gateway without it": () => answer(503, "no upstream"),
      "a connection that breaks": () => (server.trouble = "lose"),
    },
    askForQuiet: (seconds: number) => answer(429, "rate_limited", { "retry-after": String(seconds) }),
    loseNextAnswer: () => (server.trouble = "lose"),
    hang: () => (server.trouble = "hang"),
    hanging: () => server.requested(),
  };
}

/** JSON without what JSON writes in its own way. */
function readable(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll('\\"', '"');
}

function idOf(alert: unknown): string | null {
  return typeof alert === "object" && alert !== null && "id" in alert ? String(alert.id) : null;
}
