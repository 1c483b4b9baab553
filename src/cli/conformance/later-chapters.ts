/** The later chapters: what a key can do while former secrets of it are in their grace. */
import type { Secret } from "../../core/secret.ts";
import { inWords, type Made, type RotationSeen, Stop } from "./asker.ts";
import { countLiving, GRACE_SECONDS, mustRotate, noteDead, type Story } from "./story.ts";
import { sameTime, wordIn } from "./words.ts";

/** How long a dead secret is given to die where it does not do so at once. */
const DEATH_LOOK_MS = 2_000;

/** false: it cannot be, and what follows cannot be asked. */
export async function rotateInGrace(
  { asker, file, findings }: Story,
  before: { given: Secret; second: Made; expiry: string | null | undefined },
  made: RotationSeen[],
): Promise<boolean> {
  const third = await asker.rotate(file.active, { graceSeconds: GRACE_SECONDS });
  findings.yesNo(
    "post-in-grace",
    !("refused" in third),
    "refused" in third ? `: ${inWords(third.refused)}` : "",
  );
  if ("refused" in third) return false;
  made.push(third.rotation);
  await file.stage(third.secret);
  const oldest = await asker.accepts(before.given);
  const used = await asker.use(third.secret);
  if ("refused" in used) throw new Stop(`a secret made during a grace is refused (${inWords(used.refused)})`);
  await file.promote(third.secret);
  const living = [
    (await asker.accepts(before.given)) ? "the one before" : null,
    (await asker.accepts(before.second.secret)) ? "the last" : null,
  ].filter((each) => each !== null);
  const early = oldest ? "" : "; the one before died as the second rotation was asked for";
  findings.note("old-secrets", (living.length === 0 ? "none" : living.join(" and ")) + early);
  const after = await asker.use(third.secret);
  if ("key" in after) findings.yesNo("expiry-kept", sameTime(after.key.expires_at, before.expiry));
  return true;
}

/** A secret whose first use is to ask for the next one. */
export async function rotateWithNew({ asker, file, findings }: Story, made: RotationSeen[]): Promise<void> {
  const fourth = await mustRotate(asker, file.active, { graceSeconds: GRACE_SECONDS });
  made.push(fourth.rotation);
  await file.stage(fourth.secret);
  const fifth = await asker.rotate(fourth.secret, { graceSeconds: GRACE_SECONDS });
  const { status } = await asker.rotation(fourth.rotation.id, file.active);
  const completes = status === "completed";
  if (completes) await file.promote(fourth.secret);
  if (!("refused" in fifth)) made.push(fifth.rotation);
  const outcome = completes
    ? "it completes the rotation of that secret"
    : `the rotation of that secret is ${wordIn(status)}`;
  const refusal = "refused" in fifth ? `; it is refused itself: ${inWords(fifth.refused)}` : "";
  findings.note("post-with-new", outcome + refusal);
}

export async function rotateWithoutGrace(
  { asker, file, findings }: Story,
  earlier: readonly Secret[],
  made: RotationSeen[],
): Promise<void> {
  const former = file.active;
  const before = await countLiving(asker, earlier);
  const last = await mustRotate(asker, former, { graceSeconds: 0 });
  made.push(last.rotation);
  await file.stage(last.secret);
  const used = await asker.use(last.secret);
  if ("refused" in used)
    throw new Stop(`the secret of a rotation without grace is refused (${inWords(used.refused)})`);
  await file.promote(last.secret);
  const dead = await asker.use(former);
  if ("refused" in dead) {
    findings.yesNo("grace-zero", true);
    noteDead(findings, dead);
  } else {
    await asker.pause(DEATH_LOOK_MS);
    const isDead = !(await asker.accepts(former));
    const when = `${isDead ? "only within" : "it lives after"} ${DEATH_LOOK_MS / 1_000} s`;
    findings.yesNo("grace-zero", false, `, ${when}`);
  }
  const after = await countLiving(asker, earlier);
  const ended =
    before === 0
      ? "no grace was left to end"
      : after === 0
        ? "yes"
        : `no, ${after} of ${before} former secrets live on`;
  findings.note("earlier-graces", ended);
}
