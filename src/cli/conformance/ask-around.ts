/** Questions that change nothing, and those about terms of rotations that are never put to use. */
import { z } from "zod";
import { isGranted } from "../../core/paddle-key.ts";
import type { Secret } from "../../core/secret.ts";
import { type Asker, inWords, isSuccess, type KeySeen } from "./asker.ts";
import type { Findings } from "./findings.ts";

const DAY_MS = 86_400_000;
/** In Paddle's form, and nobody's. */
const NOBODYS_KEY = "apikey_00000000000000000000000000";

const Root = z.object({ caller: z.object({ account: z.unknown() }) });

/** Without credentials, and as the key it is. */
export async function askOpenly(asker: Asker, active: Secret, findings: Findings): Promise<void> {
  const root = await asker.ask({ method: "GET", path: "/", as: "sandbox" });
  findings.yesNo("root-open", isSuccess(root), isSuccess(root) ? "" : `: ${inWords(root)}`);
  const ips = await asker.ask({ method: "GET", path: "/ips", as: "sandbox" });
  findings.yesNo("ips-open", isSuccess(ips), isSuccess(ips) ? "" : `: ${inWords(ips)}`);
  const own = Root.safeParse((await asker.ask({ method: "GET", path: "/", as: active })).data);
  findings.note("caller-account", own.success ? shapeOf(own.data.caller.account) : "not at all");
  const other = await asker.ask({
    method: "POST",
    path: `/api-keys/${NOBODYS_KEY}/rotations`,
    as: active,
    body: { grace_period_seconds: 0 },
  });
  findings.note("other-key", inWords(other));
}

/** The shape alone: whose account it is does not belong into a report. */
function shapeOf(account: unknown): string {
  if (account === null || account === undefined) return "not at all";
  if (typeof account !== "object") return `as a ${typeof account}`;
  return `as an object with ${Object.keys(account).toSorted().join(", ")}`;
}

/** None of these secrets is ever used, so none of these expiries takes effect; the next rotation cancels them. */
export async function askTerms(asker: Asker, active: Secret, findings: Findings): Promise<void> {
  const terms = [
    ["expiry-past", new Date(asker.now() - DAY_MS).toISOString()],
    ["expiry-far", new Date(asker.now() + 400 * DAY_MS).toISOString()],
    ["expiry-null", null],
  ] as const;
  for (const [id, newExpiry] of terms) {
    const made = await asker.rotate(active, { graceSeconds: 900, newExpiry });
    if ("refused" in made) findings.note(id, `no: ${inWords(made.refused)}`);
    else findings.note(id, "yes");
  }
}

const NONE_LISTED = "none is listed; whether the account has any is not known";
const Listed = z.array(z.looseObject({ id: z.string(), status: z.string() }));
const Ended = z.array(z.looseObject({ data: z.looseObject({ id: z.string() }) }));

export async function askForDeadKeys(
  asker: Asker,
  active: Secret,
  permissions: KeySeen["permissions"],
  findings: Findings,
): Promise<void> {
  if (!isGranted(permissions ?? null, "api_key.read"))
    return findings.note("dead-keys-listed", "not asked: the key lacks api_key.read");
  const listed = Listed.safeParse(
    (await asker.ask({ method: "GET", path: "/api-keys?per_page=200&order_by=id[DESC]", as: active })).data,
  );
  if (!listed.success) return findings.note("dead-keys-listed", "the list cannot be read");
  if (listed.data.some(({ status }) => status !== "active")) return findings.note("dead-keys-listed", "yes");
  if (!isGranted(permissions ?? null, "notification.read"))
    return findings.note("dead-keys-listed", NONE_LISTED);
  const path = "/events?event_type=api_key.revoked,api_key.expired&per_page=200";
  const ended = Ended.safeParse((await asker.ask({ method: "GET", path, as: active })).data);
  if (!ended.success) return findings.note("dead-keys-listed", NONE_LISTED);
  const ids = new Set(listed.data.map(({ id }) => id));
  const isMissing = ended.data.some(({ data }) => !ids.has(data.id));
  findings.note(
    "dead-keys-listed",
    isMissing ? "no" : "none is listed; the account seems to have none: revoke a key and ask again",
  );
}
