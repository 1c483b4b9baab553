/** The key that is kept ready to take the place of one that cannot rotate itself. */
import { type ApiKey, identify } from "../core/paddle-key.ts";
import { keyIdOf, EMPTY_SLOTS, type IssuedSecret } from "../core/slots.ts";
import { judgeCandidate, OVERRIDABLE } from "./candidate.ts";
import type { Answers } from "./situation.ts";
import { standbyKeyOf } from "./standby-key.ts";
import { ask, readKey, type Run } from "./steps.ts";

/**
 * The secret of the standby that will live on: where its own rotation is under way, the staged one, which it asks for.
 * null: no standby lies in a store of its own.
 */
export async function findStandbyElsewhere(run: Run): Promise<IssuedSecret | null> {
  const slots = (await run.key.standbyStore?.read())?.slots;
  const { standby = null, pending = null } = slots ?? {};
  if (!standby || !pending || !(await ask(run, pending)).accepted) return standby;
  const { secret, rotationId, issuedAt, intentId } = pending;
  return { secret, rotationId, issuedAt, intentId };
}

/**
 * Whether the standby may be used. A key that a person brought was judged when it was brought, where faults that may
 * be overridden could be.
 *
 * @param replaced what is known of the key whose place it takes; null: not known yet
 */
export async function judgeStandby(
  run: Run,
  standby: IssuedSecret,
  replaced: ApiKey | null,
): Promise<Pick<Answers, "standbyFaults" | "standbyKey" | "standbyRotatable">> {
  const { work, key } = run;
  const answer = await ask(run, standby);
  const known = replaced ?? (answer.accepted ? await readKey(run, work.keyId, standby) : "unreadable");
  // Where the active secret names no key, the work is about the key that a person brought.
  const isReplaced = keyIdOf(standby) !== work.keyId;
  const ownNames = [key.name, standbyKeyOf(key)?.name];
  const { faults } = judgeCandidate({
    candidate: standby.secret,
    issuedAt: standby.issuedAt,
    candidateKey: answer.accepted ? answer.key : "refused",
    replaced: {
      keyId: isReplaced ? work.keyId : "",
      // The store keeps both; were they of different environments, Paddle would refuse one of them.
      environment: identify(standby.secret)?.environment ?? "live",
      key: known === "unreadable" || !isReplaced ? null : known,
    },
    now: run.clock.now(),
    managedKeyIds: new Map([...run.keyNames()].filter(([, name]) => !ownNames.includes(name))),
  });
  const broughtByPerson = work.intent.kind === "manual";
  return {
    standbyFaults: broughtByPerson ? faults.filter(({ kind }) => !OVERRIDABLE.includes(kind)) : faults,
    standbyKey: answer.accepted ? answer.key : null,
    standbyRotatable: answer.accepted && answer.key.rotatable,
  };
}

/** A standby that was promoted is no standby any more, also where it lies in a store of its own. */
export async function clearStandbyElsewhere({ key, hold }: Run): Promise<void> {
  const { standbyStore } = key;
  if (!standbyStore) return;
  const [main, elsewhere] = await Promise.all([key.store.read(), standbyStore.read()]);
  const { standby, pending } = elsewhere.slots;
  const { active } = main.slots;
  // Another secret of the same key is a newer one, of a rotation of the standby that went on meanwhile.
  const isMoved = [standby, pending].some((kept) => kept && active?.secret.equals(kept.secret));
  if (!isMoved) return;
  await hold.lease.confirm();
  // A conflict means that somebody has put another one there, which stays.
  await standbyStore.write({ ...EMPTY_SLOTS, active: elsewhere.slots.active }, elsewhere.version);
}
