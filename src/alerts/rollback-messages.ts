/** The words of the alert about a rollback. Public text: fingerprints, never secrets. */
import type { Alert } from "../core/alert.ts";
import { formatDuration } from "../core/duration.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { IssuedSecret } from "../core/slots.ts";
import { alert, time } from "./words.ts";

export type RollbackNews = {
  readonly keyId: string;
  /** Tells this rollback from others of the key. */
  readonly id: string;
  /** In use again. */
  readonly older: IssuedSecret;
  readonly newer: IssuedSecret;
  /** When the newer secret comes back, epoch milliseconds. */
  readonly endsAt: number;
  readonly askedBy: string;
};

export function rolledBack(key: ManagedKey, news: RollbackNews, now: number): Alert {
  const { older, newer, endsAt } = news;
  return alert("rolled-back", "warning", { name: key.name, keyId: news.keyId }, news.id, now, {
    happened:
      `${key.name} was rolled back by ${news.askedBy}: ${key.store.location} holds the older secret ` +
      `${older.secret.fingerprint()} again, until ${time(endsAt)}.`,
    action:
      `Within ${formatDuration(endsAt - now)}, by ${time(endsAt)}: mend the applications that cannot use the newer secret ` +
      `${newer.secret.fingerprint()}. It comes back then by itself, because the older one dies.`,
  });
}
