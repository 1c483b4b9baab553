/** Whether the listeners that speak TLS could be opened, and for how long their certificates hold. */
import { X509Certificate } from "node:crypto";
import { readTls, RENEW_WITHIN_DAYS } from "../../compose/tls.ts";
import type { Config } from "../../config/config.ts";
import { ConfigError } from "../../core/errors.ts";
import { type Bounds, within } from "./bounds.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const DAY_MS = 86_400_000;

export async function checkCertificates(config: Config, bounds: Bounds): Promise<Finding[]> {
  const found = await Promise.all([
    checkCertificate("public", config.publicListener, bounds),
    checkCertificate("admin", config.adminListener, bounds),
  ]);
  return found.flat();
}

async function checkCertificate(
  listener: "public" | "admin",
  files: Config["publicListener"],
  bounds: Bounds,
): Promise<Finding[]> {
  const about = `${listener} listener`;
  const looked = await within(bounds, about, "reading its certificate", async () => {
    const tls = await readTls(listener, files).catch(faultOf);
    if (tls instanceof ConfigError) return [failed(about, tls.message, null)];
    return tls ? [judge(about, new X509Certificate(tls.certificate), bounds.clock.now())] : [];
  });
  return looked.done ? looked.value : [looked.finding];
}

function faultOf(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  throw error;
}

function judge(about: string, { validFrom, validTo }: X509Certificate, now: number): Finding {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  const fix = "renew the certificate, and restart: its files are read at start";
  if (now >= to) return failed(about, `its certificate ended on ${dayOf(to)}: every caller refuses it`, fix);
  if (now < from)
    return failed(
      about,
      `its certificate holds from ${dayOf(from)} on: every caller refuses it`,
      "look at this machine's clock, or use a certificate that holds already",
    );
  const days = Math.floor((to - now) / DAY_MS);
  if (days < RENEW_WITHIN_DAYS)
    return warning(about, `its certificate ends on ${dayOf(to)}, in ${days} days`, fix);
  return ok(about, `its certificate holds until ${dayOf(to)}`);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
