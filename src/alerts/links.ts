/** Where an alert leads: to the page of what it is about, and to what the runbook says of its kind. Pure. */
import type { Alert, Links } from "../core/alert.ts";

/** Where the runbook is in the repository, for whoever has no page of it. */
const RUNBOOK_FILE = "docs/runbook.md";

export type Places = {
  /** Where people reach the admin listener, without a path; null: not said. */
  readonly adminUrl: string | null;
  /** The configured names: those that have a page. */
  readonly keyNames: readonly string[];
};

export function linksOf({ kind, keyName }: Alert, { adminUrl, keyNames }: Places): Links {
  const anchor = `#${encodeURIComponent(kind)}`;
  if (adminUrl === null) return { page: null, runbook: `${RUNBOOK_FILE}${anchor}` };
  const base = adminUrl.replace(/\/+$/, "");
  const owner = keyName === null ? null : ownerOf(keyName, keyNames);
  const page = owner === null ? "/" : `/keys/${encodeURIComponent(owner)}`;
  return { page: `${base}${page}`, runbook: `${base}/runbook${anchor}` };
}

/** A standby is shown on the page of its key, unless a key happens to be called so. null: it has no page. */
function ownerOf(keyName: string, keyNames: readonly string[]): string | null {
  if (keyNames.includes(keyName)) return keyName;
  return keyNames.find((name) => keyName === `${name}-standby`) ?? null;
}
