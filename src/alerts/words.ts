/** What the alerts about keys have in common. */
import type { Alert, AlertKind, Severity } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Work } from "../core/work.ts";

/** Where in Paddle's dashboard a person creates, looks at and revokes keys. */
export const DASHBOARD = "Paddle > Developer tools > Authentication";

export type Subject = { readonly name: string | null; readonly keyId: string };

/** @param cause what makes this incident different from others of its kind about the same key */
export function alert(
  kind: AlertKind,
  severity: Severity,
  subject: Subject,
  cause: string,
  now: number,
  text: { happened: string; action: string | null },
): Alert {
  const id = `${kind}-${subject.keyId}-${cause}`;
  return { id, kind, severity, keyName: subject.name, keyId: subject.keyId, ...text, raisedAt: now };
}

/** For what jobs about two keys may see, the one in use and the one before it: it is one incident, whoever sees it. */
export function bySight(made: Alert, cause: string): Alert {
  return { ...made, id: `${made.kind}-${cause}` };
}

export function of(key: ManagedKey, work: Work): Subject {
  return { name: key.name, keyId: work.keyId };
}

export function time(at: number): string {
  return new Date(at).toISOString();
}

/** The one thing that only a person can do. */
export function bringAnotherKey({ name, store, standbyOf }: ManagedKey): string {
  const create = `create a new rotatable key with the same permissions in ${DASHBOARD}`;
  if (standbyOf !== null) return `${create} and put it into ${store.location}, in the place of the standby`;
  return (
    `${create} and hand it over with \`npm run rotator -- replace ${name}\`: ` +
    "it is checked and takes the place of the dead one"
  );
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
