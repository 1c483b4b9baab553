/**
 * A rollback that a person asked for: it is made at the desk and not by a job. Who asks is remembered before it is made,
 * so that whoever finds it made tells people, should the desk have died right behind it.
 */
import { z } from "zod";
import { rolledBack } from "../alerts/rollback-messages.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Alerts, Records } from "../core/ports.ts";
import type { IssuedSecret } from "../core/slots.ts";
import type { Logger } from "pino";
import type { AuditRecord, SecretLife } from "./audit-record.ts";
import { keepRecord } from "./record.ts";

const ASKED = "rollbacks-asked";
const Asked = z.object({ askedBy: z.string(), at: z.number() });
export type Asked = Readonly<z.output<typeof Asked>>;

/** To be called before the slots are written. Of two who ask for one rollback the first is remembered. */
export async function rememberAsked(records: Records, newer: IssuedSecret, asked: Asked): Promise<void> {
  await records.putIfAbsent(ASKED, rollbackId(newer), { ...asked });
}

/** null: no person asked for a rollback of this secret. */
export async function askedRollback(records: Records, newer: IssuedSecret): Promise<Asked | null> {
  return Asked.safeParse(await records.get(ASKED, rollbackId(newer))).data ?? null;
}

export type TellPorts = { readonly records: Records; readonly alerts: Alerts; readonly log: Logger };

/** Keeps the record and tells people, each once however often it is called. Rejections come one by one. */
export function tellAsked(
  key: ManagedKey,
  rollback: Omit<Rollback, "id">,
  { records, alerts, log }: TellPorts,
): readonly Promise<void>[] {
  const told = { ...rollback, id: rollbackId(rollback.newer) };
  return [
    keepRecord(records, log, rollbackRecord(told, explain(key, rollback))),
    alerts.raise(rolledBack(key, told, rollback.at)),
  ];
}

/** What is true now, in a sentence or two. */
export function explain({ store }: ManagedKey, { older, newer, endsAt }: Omit<Rollback, "id">): string {
  return (
    `${store.location} holds the older secret ${older.secret.fingerprint()} again. ` +
    `The newer one (${newer.secret.fingerprint()}) comes back by itself at ${new Date(endsAt).toISOString()}, because the older one dies soon after.`
  );
}

/** Of one newer secret there is one rollback: its older one is dead after it. */
function rollbackId(newer: IssuedSecret): string {
  return `rollback-${newer.secret.fingerprint().replace(":", "-")}`;
}

export type Rollback = {
  readonly id: string;
  readonly keyName: string;
  readonly keyId: string;
  /** In use again. */
  readonly older: IssuedSecret;
  readonly newer: IssuedSecret;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly endsAt: number;
  readonly askedBy: string;
};

export function rollbackRecord(rollback: Rollback, explanation: string): AuditRecord {
  const { id, keyName, keyId, older, newer, askedBy } = rollback;
  const at = new Date(rollback.at).toISOString();
  return {
    id,
    kind: "rollback",
    keyName,
    keyId,
    intent: "manual",
    eventId: null,
    requestedAt: at,
    receivedAt: at,
    endedAt: at,
    outcome: "done",
    result: "rolled-back",
    summary: `${keyName} was rolled back by ${askedBy}. ${explanation}`,
    steps: [{ fact: "swappedBack", at, says: explanation, fingerprint: older.secret.fingerprint() }],
    secrets: [life(older), life(newer)],
  };
}

function life({ secret, issuedAt }: IssuedSecret): SecretLife {
  return {
    fingerprint: secret.fingerprint(),
    issuedAt: issuedAt === null ? null : new Date(issuedAt).toISOString(),
    endedAt: null,
    livedSeconds: null,
  };
}
