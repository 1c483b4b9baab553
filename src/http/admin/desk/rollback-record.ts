/** The audit record of a rollback, which is made at the desk and not by a job. */
import type { IssuedSecret } from "../../../core/slots.ts";
import type { AuditRecord, SecretLife } from "../../../rotation/audit-record.ts";

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
