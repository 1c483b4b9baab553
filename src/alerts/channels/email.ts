/**
 * E-mail, through an SMTP server that speaks TLS: from the first byte, or by a STARTTLS that is required. Each alert
 * has one Message-ID, so that a client can tell a repeat, and what belongs to one incident makes one thread.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createTransport, type SendMailOptions } from "nodemailer";
import type { Logger } from "pino";
import type { Alert } from "../../core/alert.ts";
import { ConfigError } from "../../core/errors.ts";
import type { AlertChannel, Clock } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { RefusedAddress, refusedAddressOf, type Resolve } from "../../requests/lookup.ts";
import { type Message, messageOf } from "../message.ts";
import { refusal } from "./faults.ts";
import { explainMailFault, missedRecipients } from "./email-faults.ts";

export type EmailOptions = {
  readonly host: string;
  readonly port: number;
  readonly tls: "starttls" | "tls";
  /** null: the server asks for none. */
  readonly login: { readonly user: string; readonly password: Secret } | null;
  /** Addresses without names. */
  readonly from: string;
  readonly to: readonly string[];
  /** Of the server's authority, in PEM; null: those that Node trusts. */
  readonly caFile: string | null;
};

const DEADLINE_MS = 20_000;
/** Of each part of a conversation. */
const PART_MS = 10_000;
const LONGEST_ID = 128;

/** @throws ConfigError if the authority's file cannot be read */
export async function openEmailChannel(
  name: string,
  { host, port, tls, login, from, to, caFile }: EmailOptions,
  { clock, log, resolve }: { readonly clock: Clock; readonly log: Logger; readonly resolve?: Resolve },
): Promise<AlertChannel> {
  const ca = caFile === null ? null : await readAuthority(name, caFile);
  const place = `alert channel ${name} (email through ${host}:${port})`;
  const transport = createTransport({
    host,
    port,
    secure: tls === "tls",
    // Never opportunistic: a server without STARTTLS, or somebody in between who hides it, gets nothing.
    requireTLS: true,
    tls: { rejectUnauthorized: true, minVersion: "TLSv1.2", ...(ca !== null && { ca }) },
    // With a login, never without it.
    forceAuth: login !== null,
    ...(login && { auth: { user: login.user, pass: login.password.reveal() } }),
    dnsTimeout: PART_MS,
    connectionTimeout: PART_MS,
    greetingTimeout: PART_MS,
    socketTimeout: PART_MS,
    // Asked before each connection; null: it opens one by itself.
    getSocket: (_options, done) =>
      void (async () =>
        done(await refusedAddressOf(host, { allow: null, encrypted: true }, resolve), false))(),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name,
    async send(alert) {
      const over = new AbortController();
      const late = clock.sleep(DEADLINE_MS, over.signal).then(
        () => over.abort(),
        () => {}, // It was over before its deadline.
      );
      try {
        const mail = { ...emailOf(alert, from), to: [...to], date: new Date(clock.now()) };
        const { rejected, rejectedErrors } = await transport.sendMail({ ...mail, signal: over.signal });
        if (rejected.length === 0) return undefined;
        // The others have it; sent again, they would have it twice.
        log.warn({ channel: name, rejected }, "the mail server refused some addresses");
        return missedRecipients(place, to.length, rejected, rejectedErrors);
      } catch (error) {
        if (error instanceof RefusedAddress)
          throw refusal(place, `was not asked, because ${error.message}`, "give another host");
        throw explainMailFault(place, error);
      } finally {
        over.abort();
        await late;
      }
    },
  };
}

async function readAuthority(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ConfigError(`alerts.${name}.caFile names a file that cannot be read (${path})`, { cause });
  }
}

/** The mail but for its recipients and date. */
export function emailOf(alert: Alert, from: string) {
  const message = messageOf(alert);
  const { incident, severity } = alert;
  const domain = from.slice(from.lastIndexOf("@") + 1);
  return {
    from: { name: "Paddle key rotator", address: from },
    subject: message.headline,
    messageId: messageId(alert.id, domain),
    ...(incident && incident.id !== alert.id && { references: messageId(incident.id, domain) }),
    ...(severity === "critical" && message.mark !== "over" && { priority: "high" as const }),
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
    text: textOf(message),
    html: htmlOf(message),
  } satisfies SendMailOptions;
}

function messageId(id: string, domain: string): string {
  const fit = id.replaceAll(/[^\w.-]/g, "-");
  const digest = createHash("sha256").update(id).digest("hex").slice(0, 32);
  return `<${fit.length <= LONGEST_ID ? fit : `${fit.slice(0, LONGEST_ID - 33)}-${digest}`}@${domain}>`;
}

function textOf({ happened, action, facts, links }: Message): string {
  const parts = [
    happened,
    action === null ? "Nothing to do." : `To do: ${action}`,
    ...(links.length === 0 ? [] : [links.map(({ text, to }) => `${text}: ${to}`).join("\n")]),
    facts.map(([fact, value]) => `${fact}: ${value}`).join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}

function htmlOf({ happened, action, facts, links }: Message): string {
  const todo = action === null ? "Nothing to do." : `<strong>To do:</strong> ${escapeHtml(action)}`;
  const lines = facts.map(([fact, value]) => `${escapeHtml(fact)}: ${escapeHtml(value)}`);
  const places = links.map(({ text, to, isAddress }) =>
    isAddress
      ? `${escapeHtml(text)}: <a href="${escapeHtml(to)}">${escapeHtml(to)}</a>`
      : `${escapeHtml(text)}: ${escapeHtml(to)}`,
  );
  return `<!doctype html>
<html lang="en"><body>
<p>${escapeHtml(happened)}</p>
<p>${todo}</p>${places.length === 0 ? "" : `\n<p>${places.join("<br>\n")}</p>`}
<p><small>${lines.join("<br>\n")}</small></p>
</body></html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
