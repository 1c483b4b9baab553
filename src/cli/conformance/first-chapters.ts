/** The first chapters: a rotation that is canceled by a second one, which is then put to use. */
import type { Secret } from "../../core/secret.ts";
import { identify } from "../../core/paddle-key.ts";
import { inWords, type KeySeen, type Made, Stop } from "./asker.ts";
import { DAY_MS, GRACE_SECONDS, mustRotate, noteDead, type Story } from "./story.ts";
import { presence, sameTime, shows, wordIn } from "./words.ts";

/** Clocks differ. */
const CLOCK_ERROR_MS = 5 * 60_000;

/** Pending, and not used. */
export async function beginFirst({ asker, file, findings }: Story, key: KeySeen): Promise<Made> {
  const active = file.active;
  const newExpiry = new Date(asker.now() + 90 * DAY_MS).toISOString();
  const asked = await asker.rotate(active, { graceSeconds: GRACE_SECONDS, newExpiry });
  findings.yesNo(
    "expiry-accepted",
    !("refused" in asked),
    "refused" in asked ? `: ${inWords(asked.refused)}` : "",
  );
  const made = "refused" in asked ? await mustRotate(asker, active, { graceSeconds: GRACE_SECONDS }) : asked;
  await file.stage(made.secret);

  const { rotation, secret, status } = made;
  findings.note("create-status", String(status), true);
  const identity = identify(secret);
  findings.yesNo(
    "new-key-usable",
    identity?.keyId === asker.keyId,
    identity ? "" : ", its format is unknown",
  );
  const { status: word, expires_at: expiresAt } = rotation;
  findings.yesNo("status-shown", typeof word === "string", typeof word === "string" ? `, ${word}` : "");
  findings.note("expires-at-pending", presence(expiresAt), expiresAt === null || expiresAt === undefined);
  findings.note("created-at", typeof rotation["created_at"] === "string" ? "yes" : "no");
  findings.note("expiry-echoed", rotation["new_key_expires_at"] === undefined ? "no" : "yes");

  const meanwhile = await asker.use(active);
  findings.yesNo("active-while-pending", "key" in meanwhile);
  if ("refused" in meanwhile)
    throw new Stop(`the former secret died as the rotation began (${inWords(meanwhile.refused)})`);
  findings.yesNo("expiry-while-pending", sameTime(meanwhile.key.expires_at, key.expires_at));
  const again = await asker.rotation(rotation.id, active);
  findings.yesNo("read-activates", again["status"] === "pending", `, it is ${wordIn(again["status"])}`);
  findings.note("new-key-pending", shows(again, secret));
  return made;
}

/** A second rotation, and what it makes of the first. */
export async function cancelFirst(
  { asker, file, findings }: Story,
  first: Made,
): Promise<Made & { expiry: string | null }> {
  const active = file.active;
  const expiry = new Date(asker.now() + 30 * DAY_MS).toISOString();
  const asked = await asker.rotate(active, { graceSeconds: GRACE_SECONDS, newExpiry: expiry });
  const made = "refused" in asked ? await mustRotate(asker, active, { graceSeconds: GRACE_SECONDS }) : asked;
  await file.stage(made.secret, first.secret);
  const { status } = await asker.rotation(first.rotation.id, active);
  findings.note("second-cancels", wordIn(status));
  const tried = await asker.use(first.secret);
  findings.yesNo("canceled-refused", "refused" in tried);
  if ("refused" in tried) noteDead(findings, tried);
  return { ...made, expiry: "refused" in asked ? null : expiry };
}

/** Its first use, and the grace that begins with it. */
export async function useSecond(
  { asker, file, findings }: Story,
  second: Made & { expiry: string | null },
  former: Secret,
): Promise<KeySeen> {
  const usedAt = asker.now();
  const used = await asker.use(second.secret);
  if ("refused" in used)
    throw new Stop(`the secret of a pending rotation is refused (${inWords(used.refused)})`);
  await file.promote(second.secret);
  const { status, expires_at: endsAt } = await asker.rotation(second.rotation.id, second.secret);
  findings.note("use-completes", wordIn(status));
  const lateMs =
    typeof endsAt === "string" ? Date.parse(endsAt) - usedAt - GRACE_SECONDS * 1_000 : Number.NaN;
  findings.yesNo(
    "grace-end",
    Math.abs(lateMs) < CLOCK_ERROR_MS,
    endsAt === null || endsAt === undefined ? ", there is none" : "",
  );
  // The answer to the use itself may have been made before the rotation was completed.
  const after = await asker.use(second.secret);
  const key = "key" in after ? after.key : used.key;
  if (second.expiry !== null) findings.yesNo("expiry-applied", sameTime(key.expires_at, second.expiry));
  findings.yesNo("old-in-grace", await asker.accepts(former));
  return key;
}
