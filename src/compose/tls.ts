/** Reads what a listener that speaks TLS needs, once, before it listens. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { whyUnreadable } from "../config/variables.ts";
import { ConfigError } from "../core/errors.ts";
import type { Clock } from "../core/ports.ts";
import { Secret } from "../core/secret.ts";
import type { Tls } from "../http/server.ts";

const DAY_MS = 86_400_000;
/** Whoever renews a certificate by hand needs days for it; a program renews it well before. */
export const RENEW_WITHIN_DAYS = 14;

type Listener = "public" | "admin";
type Files = Pick<Config["publicListener"], "tls">;

/** As readTls, and warns of a certificate that has ended or soon will: nobody else says so before callers are refused. */
export async function openTls(
  listener: Listener,
  files: Files,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<Tls | null> {
  const tls = await readTls(listener, files);
  if (!tls) return null;
  const end = Date.parse(new X509Certificate(tls.certificate).validTo);
  const left = end - clock.now();
  const about = {
    certificate: `listeners.${listener}.tls.certFile`,
    until: new Date(end).toISOString().slice(0, 10),
  };
  if (left <= 0) log.warn(about, "a certificate has ended: renew it, and restart");
  else if (left < RENEW_WITHIN_DAYS * DAY_MS)
    log.warn(about, "a certificate ends soon: renew it, and restart");
  return tls;
}

/** null: plain HTTP. @throws ConfigError if the files are not a certificate and its key */
export async function readTls(listener: Listener, { tls }: Files): Promise<Tls | null> {
  if (!tls) return null;
  const fault = (field: "certFile" | "keyFile", message: string) =>
    new ConfigError(`listeners.${listener}.tls.${field} ${message}`);
  const read = (field: "certFile" | "keyFile") =>
    readFile(tls[field], "utf8").catch((error: unknown) => {
      throw fault(field, `names a file that ${whyUnreadable(error)}`);
    });
  const [certificate, key] = [await read("certFile"), await read("keyFile")];
  const own = parsed(() => new X509Certificate(certificate));
  if (!own) throw fault("certFile", "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
  const ownKey = parsed(() => createPrivateKey(key));
  if (!ownKey)
    throw fault("keyFile", "holds no private key in PEM (-----BEGIN PRIVATE KEY-----) without a passphrase");
  if (!own.checkPrivateKey(ownKey))
    throw fault("keyFile", "holds another key than that of the first certificate in certFile");
  return { certificate, key: new Secret(key) };
}

/** The reader's own error is dropped: it may quote what it read. */
function parsed<Value>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
