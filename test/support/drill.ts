/**
 * A site and its operator, who knows nothing but the alert: it names what happened and what to do, its links lead to a
 * page and to an entry of the runbook. Whatever is done is read off one of the three.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Browser, Page } from "playwright-core";
import { expect, inject } from "vitest";
import { z } from "zod";
import { HttpFake } from "./alerts/http-fake.ts";
import { type Delivery, WebhookReceiver } from "./alerts/webhook-receiver.ts";
import { open } from "./browser/look.ts";
import { freePort } from "./owned-process.ts";
import { ADMIN_TOKEN, openSite, type RunningService, type Site, type SiteOptions } from "./service.ts";
import { uniquePrefix } from "./unique.ts";
import { until } from "./until.ts";

const CLI = resolve(import.meta.dirname, "../../src/cli.ts");
const SOON_MS = 45_000;
/** Looking costs the service and the browser more than a variable. */
const LOOK_MS = 250;
const USER = "operator";
const PASSWORD = "canary-admin-password-0123456789";

const Received = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.string(),
  key: z.string().nullable(),
  keyId: z.string().nullable(),
  happened: z.string(),
  action: z.string().nullable(),
  incident: z.object({ id: z.string(), state: z.enum(["open", "over"]) }).nullable(),
  links: z.object({ page: z.string(), runbook: z.string() }),
});
/** An alert as it came. */
export type Received = z.output<typeof Received>;

/** The key that the alert says is to be revoked in Paddle's dashboard. */
export function toBeRevoked({ action }: Received): string {
  const [, keyId] =
    /revoke (apikey_\w+) in Paddle > Developer tools > Authentication/i.exec(action ?? "") ?? [];
  if (keyId === undefined) throw new Error(`it does not say what to revoke: ${action}`);
  return keyId;
}

export type Entry = {
  readonly text: string;
  /** As they stand there, in their order. */
  readonly commands: readonly string[];
};

export type Drill = AsyncDisposable & {
  readonly site: Site;
  readonly service: RunningService;
  /** The browser's tab. */
  readonly page: Page;
  /** Somebody has the key rotated, with this grace. */
  colleagueRotates(graceSeconds: number): Promise<void>;
  /** Waits for the first alert of this kind. */
  isTold(kind: string): Promise<Received>;
  /** Opens the alert's page, which must tell of the same: its words, and what to do. */
  opensPage(alert: Received): Promise<void>;
  /** Opens the alert's entry in the runbook. */
  readsRunbook(alert: Received): Promise<Entry>;
  /** Runs the one command of the entry that has this word, as it stands there; `input` is piped in. */
  runs(entry: Entry, word: string, alert: Received, input?: string): Promise<CommandResult>;
  /** Waits for the message that ends the incident. */
  hearsTheEnd(alert: Received): Promise<Received>;
  /** Waits until nothing on the alert's page asks for a person any more. */
  seesNothingOpen(alert: Received): Promise<void>;
  /** Makes a key in Paddle's dashboard with the permissions of the one that is managed. */
  createsKey(): { readonly id: string; readonly secret: string };
  /** The active secret in the store is one that Paddle accepts. */
  expectsTheKeyToWork(): Promise<void>;
};

export type CommandResult = { readonly code: number | null; readonly printed: string };

export async function openDrill(
  browser: Browser,
  { yaml = "", channels = "", ...options }: Omit<SiteOptions, "env"> & { readonly channels?: string } = {},
): Promise<Drill> {
  await using opened = new AsyncDisposableStack();
  const inbox = new WebhookReceiver(Date.now);
  const atInbox = opened.use(await HttpFake.open((request) => inbox.serve(request)));
  const adminPort = String(await freePort());
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const env = {
    QUEUE_URL: inject("redisUrl"),
    QUEUE_PREFIX: uniquePrefix(),
    ADMIN_PORT: adminPort,
    ADMIN_URL: adminUrl,
    ADMIN_USER: USER,
    ADMIN_PASSWORD: PASSWORD,
  };
  const site = opened.use(
    await openSite({
      ...options,
      env,
      yaml: [
        yaml,
        "alerts:",
        `  inbox: { type: webhook, url: "${atInbox.origin}${inbox.path}", secret: ${inbox.secret} }`,
        channels,
      ].join("\n"),
    }),
  );
  const service = await site.start();
  // What the sweep at start finds would be chance.
  await until("the first sweep", async () => (await site.output()).includes('"msg":"sweep"'), SOON_MS);
  const credentials = { username: USER, password: PASSWORD };
  const look = opened.use(await open(browser, adminUrl, "/livez", { httpCredentials: credentials }));
  const { page } = look;
  const made: string[] = [];
  const told = () => inbox.deliveries.map(readAlert);

  const owned = opened.move();
  return {
    site,
    service,
    page,

    async colleagueRotates(graceSeconds) {
      const { status } = await fetch(`${adminUrl}/api/keys/billing-worker/rotations`, {
        method: "POST",
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ mode: "graceful", graceSeconds }),
      });
      expect(status).toBe(202);
    },

    isTold: (kind) => until(`the alert ${kind}`, () => told().find((alert) => alert.kind === kind), SOON_MS),

    async opensPage(alert) {
      await page.goto(alert.links.page);
      await looksUntil(page, `tells of ${alert.kind}`, async () =>
        isShown(alert, await page.locator("main").innerText()),
      );
    },

    async readsRunbook({ kind, links }) {
      await page.goto(links.runbook);
      const entry = page.locator(`article${new URL(links.runbook).hash}`);
      expect(await entry.locator(".kind code").first().innerText()).toBe(kind);
      return { text: await entry.innerText(), commands: await entry.locator(".command").allInnerTexts() };
    },

    async runs({ commands }, word, { key, happened }, input = "") {
      const [command, ...others] = commands.filter((line) => line.split(" ").includes(word));
      expect(others).toEqual([]);
      const channel = /alert channel ([\w-]+) /.exec(happened)?.[1];
      const line = (command ?? "").replace("<name>", key ?? "").replace("<channel>", channel ?? "");
      const [npm, run, script, dashes, ...args] = line.split(" ");
      expect([npm, run, script, dashes]).toEqual(["npm", "run", "rotator", "--"]);
      const folder = dirname(site.envFile);
      const child = spawn(process.execPath, [CLI, ...args], {
        stdio: "pipe",
        timeout: 30_000,
        env: {
          PATH: process.env["PATH"],
          CONFIG_FILE: join(folder, "rotator.yaml"),
          DATA_DIR: join(folder, "data"),
          ADMIN_TOKEN,
          PADDLE_API_URL: site.paddle.url,
          PADDLE_WEBHOOK_SECRETS: site.webhookSecret,
          ...env,
        },
      });
      child.stdin.on("error", () => {});
      child.stdin.end(input);
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
      return { code: child.exitCode, printed: out + err };
    },

    hearsTheEnd: ({ incident }) =>
      until(
        `the end of ${incident?.id}`,
        () => told().find((alert) => alert.incident?.state === "over" && alert.incident.id === incident?.id),
        SOON_MS,
      ),

    async seesNothingOpen({ links }) {
      await page.goto(links.page);
      await looksUntil(page, "asks for nobody", async () => !(await asksForPerson(page)));
    },

    createsKey() {
      const { permissions } = site.paddle.key(site.key.id);
      const key = site.paddle.createKey({ name: "Another", permissions: permissions ?? [] });
      made.push(key.secret);
      return key;
    },

    async expectsTheKeyToWork() {
      const active = await site.secret("ACTIVE_PADDLE_KEY");
      expect(site.paddle.isAlive(active?.reveal() ?? "")).toBe(true);
      expect(look.complaints).toEqual([]);
      expect(look.strayed).toEqual([]);
      const seen = (await site.output()) + JSON.stringify(inbox.deliveries) + (await page.content());
      const secrets = [...site.secrets(), ...made, PASSWORD, inbox.secret];
      expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    },

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Pages show what is new without being loaded again; what they showed at last is in the error. */
async function looksUntil(page: Page, what: string, isSo: () => Promise<boolean>): Promise<void> {
  try {
    await until(`the page ${what}`, isSo, SOON_MS, LOOK_MS);
  } catch (error) {
    throw new Error(`${String(error)}\n${await page.locator("main").innerText()}`, { cause: error });
  }
}

function readAlert({ data }: Delivery): Received {
  return Received.parse(data);
}

/** Both what happened and what to do, as the alert has it, and not only in a list of what was said. */
function isShown({ happened, action }: Received, shown: string): boolean {
  const words = plain(shown);
  return [happened, `Do this: ${action}`].every((part) => words.includes(plain(part)));
}

function plain(words: string): string {
  return words.replaceAll(/\s+/g, " ").trim();
}

/** What is open, or a badge that says that it is serious. */
async function asksForPerson(page: Page): Promise<boolean> {
  return (await page.locator(".need, .heading.alarm, .heading.warning, .job.alarm").count()) > 0;
}
