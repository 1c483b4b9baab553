/** The words of alerts about consumers that still use a secret which dies, or has died. */
import type { Alert } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Work } from "../core/work.ts";
import { alert, bySight, of, time } from "./words.ts";

export type LagSubject = {
  readonly key: ManagedKey;
  readonly work: Work;
  readonly switchOverId: string;
  /** When the former secret dies, epoch milliseconds; null: it is dead. */
  readonly until: number | null;
  /** It is a secret of the same key, which dies by itself; else a person ends its key. */
  readonly isOwn: boolean;
};

export type Lag = {
  /** The part of the time until the death that has passed, in per cent. */
  readonly mark: 50 | 80 | 100;
  /** Consumers and their instances. */
  readonly who: readonly string[];
  /** What is wrong with those that could not be told or looked at. */
  readonly says: readonly string[];
};

/** Its id names the incident; the marks on the way are stages of it. */
export function consumersLag(subject: LagSubject, { mark, who, says }: Lag, now: number): Alert {
  const { key, work, switchOverId, until, isOwn } = subject;
  const isDead = mark === 100 && isOwn;
  const faults = says.length === 0 ? "" : ` ${says.join(" ")}`;
  const end = isDead
    ? "That is dead: they fail now."
    : isOwn
      ? `It dies at ${time(until ?? now)}.`
      : "Its key is not to be revoked before they have switched over.";
  const made = alert("consumers-lag", isDead ? "critical" : "warning", of(key, work), switchOverId, now, {
    happened: `${who.join(", ")} still use the former secret of ${key.name}. ${end}${faults}`,
    action:
      `${isDead ? "Now: make" : "Make"} them read ${key.store.guide.applicationsRead}, ` +
      "by a reload or a restart. You are told when all of them have.",
  });
  return bySight(made, switchOverId);
}

export function lagIncident({ switchOverId }: Pick<LagSubject, "switchOverId">): string {
  return `consumers-lag-${switchOverId}`;
}

/** @param why they are looked at no longer: the end of a sentence */
export function consumersUnwatched(
  { key, work, switchOverId }: Pick<LagSubject, "key" | "work" | "switchOverId">,
  why: string,
  now: number,
): Alert {
  const made = alert("consumers-unwatched", "info", of(key, work), switchOverId, now, {
    happened: `Consumers of ${key.name} that lagged are looked at no longer, because ${why}.`,
    action: "See for yourself whether they work.",
  });
  return bySight(made, switchOverId);
}

export function consumersSwitched({ key, work, switchOverId }: LagSubject, now: number): Alert {
  const made = alert("consumers-switched", "info", of(key, work), switchOverId, now, {
    happened: `Every consumer of ${key.name} that can be looked at uses the active secret now.`,
    action: null,
  });
  return bySight(made, switchOverId);
}
