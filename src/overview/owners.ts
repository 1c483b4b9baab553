/** Which managed key something is about. Pure. */
import type { JobView } from "../core/job-view.ts";
import type { ManagedKey } from "../core/managed-key.ts";

/** From the names in jobs and alerts, which may be a standby's (see `standbyKeyOf`), to the names of managed keys. */
export function ownersByName(keys: readonly ManagedKey[]): ReadonlyMap<string, string> {
  return new Map([
    ...keys.map(({ name }) => [`${name}-standby`, name] as const),
    ...keys.map(({ name }) => [name, name] as const),
  ]);
}

/** Another text whenever a job of the key has come further, and after each of its runs. */
export function signaturesOf(
  jobs: readonly JobView[],
  owners: ReadonlyMap<string, string>,
): (keyName: string) => string {
  const signatures = new Map<string, string>();
  for (const { work, state, nextAt, attempts, facts } of jobs) {
    const owner = owners.get(work.keyName ?? "");
    if (owner === undefined) continue;
    const own = JSON.stringify([work.intent.id, state, nextAt, attempts, Object.keys(facts).length]);
    signatures.set(owner, `${signatures.get(owner) ?? ""}${own}`);
  }
  return (keyName) => signatures.get(keyName) ?? "";
}
