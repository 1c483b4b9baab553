/** Reads what a listener that speaks TLS needs, once, before it listens. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { whyUnreadable } from "../config/variables.ts";
import { ConfigError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Tls } from "../http/server.ts";

/** null: plain HTTP. @throws ConfigError if the files are not a certificate and its key */
export async function readTls(
  listener: "public" | "admin",
  { tls }: Pick<Config["publicListener"], "tls">,
): Promise<Tls | null> {
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
