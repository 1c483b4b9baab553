/** Whether a standby would do if it were needed tonight, by the rule of the sweep. Pure. */
import { inWords, type StandbyFault } from "../../alerts/standby-faults.ts";
import type { KeyConfig } from "../../config/keys.ts";
import type { ApiKey } from "../../core/paddle-key.ts";
import type { KeyAnswer } from "../../core/ports.ts";
import { type IssuedSecret, keyIdOf } from "../../core/slots.ts";
import { standbyFault } from "../../reconcile/standby.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

/** A standby with one of these does not take over. */
const UNUSABLE: ReadonlySet<StandbyFault["is"]> = new Set(["legacy", "same-key", "refused", "exposed"]);

export type StandbyFacts = {
  readonly key: KeyConfig;
  /** Of the active key. */
  readonly keyId: string;
  /** null: not known. */
  readonly activeKey: ApiKey | null;
  readonly standby: IssuedSecret;
  /** null: it could not be asked, because its text names no key or the active one. */
  readonly answer: KeyAnswer | null;
  readonly now: number;
};

export function judgeStandby({ key, keyId, activeKey, standby, answer, now }: StandbyFacts): Finding {
  const about = `${key.name}-standby`;
  const standbyKeyId = keyIdOf(standby);
  const fault = standbyFault({
    now,
    // In a store of its own it is rotated like any other key.
    renewBeforeMs: key.standby ? 0 : key.rotation.renewBeforeMs,
    activeKeyId: keyId,
    activeKey,
    standbyIssuedAt: standby.issuedAt,
    standbyKeyId,
    answer,
  });
  if (!fault)
    return ok(about, `${standbyKeyId} can take over: Paddle accepts it, and it may do all that ${keyId} may`);
  const revoke = fault.is === "exposed" ? "revoke it now, then create" : "create";
  const fix = `${revoke} a rotatable key with the permissions of ${keyId} in Paddle > Developer tools > Authentication and put it in the standby's place`;
  const says = `the standby ${inWords(fault)}`;
  return UNUSABLE.has(fault.is) ? failed(about, says, fix) : warning(about, says, fix);
}

export function noStandby({ name }: KeyConfig): Finding {
  return warning(
    name,
    "it has no standby: if the key dies, applications wait for a person who brings another one",
    "create a second rotatable key with the same permissions and keep it as the standby (docs/emergencies.md)",
  );
}
