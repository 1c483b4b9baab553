/** The words of alerts about checks after a promotion. Public text: fingerprints, never secrets. */
import type { Alert } from "../core/alert.ts";
import { formatDuration } from "../core/duration.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { IssuedSecret } from "../core/slots.ts";
import type { Work } from "../core/work.ts";
import { alert, bySight, of, time } from "./words.ts";

export type CheckSubject = {
  readonly key: ManagedKey;
  readonly work: Work;
  /** Of the check. */
  readonly name: string;
  readonly switchOverId: string;
};

export type CheckNews = {
  /** What the check says. */
  readonly says: string;
  /** Why the former secret does not come back although that is configured; null: it is not configured. */
  readonly noRollback: string | null;
  /** When the former secret dies, epoch milliseconds; null: not known. */
  readonly until: number | null;
};

/** Its id names the incident. */
export function checkFailed(
  subject: CheckSubject,
  { says, noRollback, until }: CheckNews,
  now: number,
): Alert {
  const { key, work, name } = subject;
  const dies = until === null ? "" : ` It dies at ${time(until)}.`;
  const text =
    noRollback === null
      ? {
          happened: `The check ${name} of ${key.name} fails since applications were given another secret. ${says}`,
          action:
            `See whether the new secret is to blame. If it is, give applications the former one back with ` +
            `\`npm run rotator -- rollback ${key.name}\`, and mend them.${dies}`,
        }
      : {
          happened: `The check ${name} of ${key.name} fails, and it was not rolled back. ${says}`,
          action: noRollback,
        };
  const severity = noRollback === null ? "warning" : "critical";
  const made = alert("check-failed", severity, of(key, work), causeOf(subject), now, text);
  return bySight(made, causeOf(subject));
}

export function checkGoodAgain(subject: CheckSubject, says: string, now: number): Alert {
  const { key, work, name } = subject;
  const made = alert("check-good-again", "info", of(key, work), causeOf(subject), now, {
    happened: `The check ${name} of ${key.name} is good again. ${says}`,
    action: null,
  });
  return bySight(made, causeOf(subject));
}

/** @param why it is looked at no longer: the end of a sentence */
export function checkUnwatched(subject: CheckSubject, why: string, now: number): Alert {
  const { key, work, name } = subject;
  const made = alert("check-unwatched", "info", of(key, work), causeOf(subject), now, {
    happened: `The check ${name} of ${key.name} was failing and is looked at no longer, because ${why}.`,
    action: "See for yourself whether applications work.",
  });
  return bySight(made, causeOf(subject));
}

export type CheckRollback = {
  /** Of the check. */
  readonly name: string;
  readonly says: string;
  /** In use again. */
  readonly older: IssuedSecret;
  readonly newer: IssuedSecret;
  /** When the newer secret comes back, epoch milliseconds. */
  readonly endsAt: number;
};

export function rolledBackByCheck(key: ManagedKey, work: Work, news: CheckRollback, now: number): Alert {
  const { name, says, older, newer, endsAt } = news;
  const fingerprint = newer.secret.fingerprint();
  const cause = fingerprint.replace(":", "-");
  const left = endsAt > now ? `Within ${formatDuration(endsAt - now)}, by` : "Now, as this was over at";
  return alert("rolled-back-by-check", "critical", of(key, work), cause, now, {
    happened:
      `${key.name} was rolled back, because its check ${name} failed with the new secret ${fingerprint}. ${says} ` +
      `${key.store.location} holds the older secret ${older.secret.fingerprint()} again, until ${time(endsAt)}.`,
    action:
      `${left} ${time(endsAt)}: mend the applications that cannot use the newer secret. It comes back then by itself ` +
      "and is not rolled back again: the death of the older one cannot be called off.",
  });
}

function causeOf({ switchOverId, name }: CheckSubject): string {
  return `${switchOverId}-${name}`;
}
