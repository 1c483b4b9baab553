/** Reads the application's secret and the rotator's as one state. */
import { refusal } from "./faults.ts";
import { type Derived, derive, type Document, parseDocument } from "./two-secrets-document.ts";
import type { SecretVersion, VersionedSecret } from "./versioned-secret.ts";

export type Found = Derived & {
  /** Of the application's secret. */
  readonly newest: SecretVersion | null;
  /** What the rotator's secret says; null: nothing was written yet. */
  readonly document: Document | null;
  readonly documentVersion: string | null;
  /** The newest version of the rotator's secret, be it one that came too late. */
  readonly lastDocument: string | null;
};

/** How often two readings of the same secrets may differ before the last one is taken. */
const READINGS = 4;

export async function readTwoSecrets(
  application: VersionedSecret,
  workbench: VersionedSecret,
): Promise<Found> {
  let found = await readOnce(application, workbench);
  for (let readings = 1; !found.agree && readings < READINGS; readings += 1) {
    // A writer may have been between its two steps, or have done both between these two readings.
    const again = await readOnce(application, workbench);
    const same = again.version === found.version && again.lastDocument === found.lastDocument;
    found = again;
    if (same) break;
  }
  return found;
}

/** The application's secret first: a writer writes it last, so a document read before it may be too old for it. */
async function readOnce(application: VersionedSecret, workbench: VersionedSecret): Promise<Found> {
  const newest = await application.newest();
  const last = await workbench.newest();
  const valid = await lastValid(workbench, last);
  return {
    ...derive(newest, valid?.document ?? null),
    newest,
    document: valid?.document ?? null,
    documentVersion: valid?.version ?? null,
    lastDocument: last?.version ?? null,
  };
}

/** The newest document whose writer had seen the one right before it. */
async function lastValid(
  workbench: VersionedSecret,
  last: SecretVersion | null,
): Promise<{ document: Document; version: string } | null> {
  let candidate = last;
  while (candidate) {
    const { text, version } = candidate;
    const document = parseDocument(text);
    if (!document)
      throw refusal(
        `${workbench.name}, version ${version},`,
        "is not a document of the rotator",
        "add an earlier version of it again, or disable every version to begin without notes",
      );
    if (!document.turn || !workbench.precedes || workbench.precedes(version) === document.turn.follows)
      return { document, version };
    candidate = await precedingOne(workbench, version);
  }
  return null;
}

/** The next older version that can be read. */
async function precedingOne(workbench: VersionedSecret, late: string): Promise<SecretVersion> {
  let version = workbench.precedes?.(late) ?? null;
  while (version !== null) {
    const text = (await workbench.at?.(version)) ?? null;
    if (text !== null) return { text, version };
    version = workbench.precedes?.(version) ?? null;
  }
  throw refusal(
    `${workbench.name}, version ${late},`,
    "came too late, and no earlier one can be read",
    "enable the version before it",
  );
}
