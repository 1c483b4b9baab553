/** A site whose every secret is a canary, among neighbours that quote whatever they were sent. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HttpFake, type Request } from "./alerts/http-fake.ts";
import { MailServer } from "./alerts/mail-server.ts";
import { PagerDutyFake } from "./alerts/pagerduty-fake.ts";
import { SlackFake } from "./alerts/slack-fake.ts";
import { WebhookReceiver } from "./alerts/webhook-receiver.ts";
import { type Canaries, privatePart } from "./canaries.ts";
import { ADMIN_TOKEN, openSite, type Site } from "./service.ts";
import { until } from "./until.ts";

const DAY_MS = 86_400_000;
const BADLY_AT_FIRST = 2;
const MAILED_MS = 45_000;

/** Letters of all kinds, and signs that are written in another way wherever they come to. */
const ADMIN_PASSWORD = `canary "admin" pass/word+1&2?äé`;
const VIEWER_PASSWORD = "canary-viewer-password<script>%41";
const VIEWER_TOKEN = "canary/viewer+token=0123456789-0123456789";
const ATTEST_TOKEN = "canary-attest-token+0123456789/==";
const VERIFY_TOKEN = "canary-verify-token~0123456789";
const PROBE_TOKEN = "canary-probe-token!0123456789";
const NOTIFY_KEY = Buffer.from("canary of 32 bytes to notify app").toString("base64");

export const PEOPLE = {
  operator: `Basic ${Buffer.from(`operations:${ADMIN_PASSWORD}`).toString("base64")}`,
  program: `Bearer ${ADMIN_TOKEN}`,
  viewer: `Bearer ${VIEWER_TOKEN}`,
  visitor: `Basic ${Buffer.from(`visitors:${VIEWER_PASSWORD}`).toString("base64")}`,
} as const;

export type Made = { readonly id: string; readonly secret: string };

export type CanarySite = AsyncDisposable & {
  readonly site: Site;
  readonly folder: string;
  /** Managed keys besides `billing-worker`: one for each thing that befalls keys. */
  readonly keys: Readonly<Record<"leaked" | "expired" | "stolen" | "pages", Made>>;
  /** A key that is to be handed over. */
  spare(name: string): Made;
  /** The mail server takes mail from now on; resolves once it has. */
  mailed(): Promise<unknown>;
  /** What the alert channels were sent, without the credentials that their protocols put beside it. */
  received(): string;
  /** The arguments and the environment of a program that the service has started; null: none so far. */
  children(): Promise<string | null>;
  /** How often a neighbour has quoted in an answer what it was sent. */
  readonly quoted: () => number;
  canaries(): Canaries;
};

export async function openCanarySite(queue: {
  readonly url: string;
  readonly password: string;
}): Promise<CanarySite> {
  await using opened = new AsyncDisposableStack();
  let quoted = 0;
  /** The first answers are faults that quote the whole request. */
  const quoting = (serve: (request: Request) => { status: number; body: string }) => {
    let served = 0;
    return HttpFake.open((request) => {
      served += 1;
      if (served > BADLY_AT_FIRST) return serve(request);
      quoted += 1;
      return {
        status: 500,
        body: `<h1>Fault</h1>${JSON.stringify(request)} ${request.headers.authorization}`,
      };
    });
  };
  const [slack, pagerDuty, receiver] = [
    new SlackFake(),
    new PagerDutyFake(),
    new WebhookReceiver(() => Date.now()),
  ];
  const atSlack = opened.use(await quoting((request) => slack.serve(request)));
  const atPagerDuty = opened.use(await quoting((request) => pagerDuty.serve(request)));
  const atReceiver = opened.use(await quoting((request) => receiver.serve(request)));
  const application = opened.use(
    await quoting(() => ({ status: 200, body: '{"fingerprint":"sha256:0123456789abcdef"}' })),
  );
  const mail = opened.use(await MailServer.open());
  mail.trouble = { at: "message", code: 451 };

  const ofChildren = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-children-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const seenByChild = join(ofChildren, "seen");
  const others = ["leaked", "expired", "stolen", "pages"] as const;
  const site = opened.use(
    await openSite({
      standby: true,
      // Long enough for a person to roll back.
      graceSeconds: 3_600,
      env: {
        QUEUE_URL: queue.url,
        ADMIN_USER: "operations",
        ADMIN_PASSWORD,
        ADMIN_VIEWER_USER: "visitors",
        ADMIN_VIEWER_PASSWORD: VIEWER_PASSWORD,
        ADMIN_VIEWER_TOKEN: VIEWER_TOKEN,
        SLACK_URL: `${atSlack.origin}${slack.path}`,
        PAGERDUTY_KEY: pagerDuty.routingKey,
        MAIL_PASSWORD: mail.password,
        HOOK_URL: `${atReceiver.origin}${receiver.path}`,
        HOOK_SECRET: receiver.secret,
        SEEN_BY_CHILD: seenByChild,
        ATTEST_TOKEN,
        VERIFY_TOKEN,
        PROBE_TOKEN,
        NOTIFY_SECRET: `whsec_${NOTIFY_KEY}`,
      },
      yaml: `
    consumers:
      - { name: billing, type: http, notify: "${application.origin}/reload", secret: "\${NOTIFY_SECRET}", verify: "${application.origin}/key", token: "\${VERIFY_TOKEN}", attest: { token: "\${ATTEST_TOKEN}", expect: 1 }, refresh: 0s, timeout: 1s }
      - { name: child, type: command, run: [/bin/sh, -c, "cat /proc/self/environ /proc/$$/cmdline >> $SEEN_BY_CHILD; exit 1"], env: [SEEN_BY_CHILD], refresh: 0s, timeout: 1s }
    checks:
      - { name: probe, type: http, url: "${application.origin}/health", token: "\${PROBE_TOKEN}", every: 5s, window: 1m, failures: 3 }
${others.map((name) => `  - { name: ${name}, store: { type: env-file, path: ./${name}.env }, rotation: { lifetime: 90d, grace: 0s } }`).join("\n")}
reconcile: { every: 1m }
alerts:
  slack: { type: slack, url: "\${SLACK_URL}" }
  pager: { type: pagerduty, routingKey: "\${PAGERDUTY_KEY}", url: "${atPagerDuty.origin}${pagerDuty.path}", minSeverity: info }
  mail: { type: email, host: localhost, port: ${mail.port}, user: ${mail.user}, password: "\${MAIL_PASSWORD}", from: rotator@example.com, to: [ops@example.com], caFile: ./ca.pem }
  hook: { type: webhook, url: "\${HOOK_URL}", secret: "\${HOOK_SECRET}" }
`,
    }),
  );
  const folder = dirname(site.envFile);
  await writeFile(join(folder, "ca.pem"), mail.certificate.cert);
  const made: Made[] = [];
  const spare = (name: string) => {
    const permissions = ["transaction.read", "notification.read"];
    const key = site.paddle.createKey({ name, expiresAt: Date.now() + 80 * DAY_MS, permissions });
    made.push(key);
    return key;
  };
  const managed = async (name: string) => {
    const key = spare(name);
    await writeFile(join(folder, `${name}.env`), `ACTIVE_PADDLE_KEY=${key.secret}\n`, { mode: 0o600 });
    return key;
  };
  const keys = {
    leaked: await managed("leaked"),
    expired: await managed("expired"),
    stolen: await managed("stolen"),
    pages: await managed("pages"),
  };
  const owned = opened.move();
  return {
    site,
    folder,
    keys,
    spare,
    children: () => readFile(seenByChild, "utf8").catch(() => null),
    quoted: () => quoted,
    mailed() {
      mail.trouble = null;
      return until("a mail", () => mail.mails.length > 0, MAILED_MS);
    },
    received() {
      const events = pagerDuty.events.map(({ routing_key: _theirs, ...event }) => event);
      return JSON.stringify([
        slack.messages,
        events,
        receiver.deliveries,
        mail.mails.map(({ source }) => source),
      ]);
    },
    canaries() {
      const ofPaddle = [
        ...site.secrets(),
        ...made.flatMap(({ id, secret }) => [secret, ...rotationsOf(site, id)]),
      ];
      return new Map([
        ...ofPaddle
          .filter((secret) => secret.startsWith("pdl_"))
          .map((secret): [string, string] => [`${secret.slice(0, 41)}…`, privatePart(secret)]),
        ["ADMIN_TOKEN", ADMIN_TOKEN],
        ["ADMIN_PASSWORD", ADMIN_PASSWORD],
        ["ADMIN_VIEWER_PASSWORD", VIEWER_PASSWORD],
        ["ADMIN_VIEWER_TOKEN", VIEWER_TOKEN],
        ["password of the queue", queue.password],
        ["path of the Slack channel", slack.path],
        ["PagerDuty's routing key", pagerDuty.routingKey],
        ["password of the mail server", mail.password],
        ["path of the webhook channel", receiver.path],
        ["key of the webhook channel", receiver.secret.slice("whsec_".length)],
        ["attest.token", ATTEST_TOKEN],
        ["token of the consumer", VERIFY_TOKEN],
        ["token of the check", PROBE_TOKEN],
        ["key of the notifications", NOTIFY_KEY],
      ]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function rotationsOf({ paddle }: Site, keyId: string): string[] {
  return paddle.key(keyId).rotations.map(({ secret }) => secret);
}
