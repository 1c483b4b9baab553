/** What the simulated Paddle and the watchers would remember for ever is forgotten, so that only the rotator's memory counts. */
import { keyIdOf } from "../../src/core/slots.ts";
import { KEPT_FOR_EVER } from "../../src/reconcile/retention/marks.ts";
import type { Site } from "./site.ts";
import { DAY_MS, type SiteKey } from "./site-key.ts";

const KEPT_MS = 40 * DAY_MS;
/** Paddle's own. */
const LISTED_MS = 90 * DAY_MS;
const TOLD = 5;

export async function prune(site: Site): Promise<void> {
  const before = site.now - KEPT_MS;
  site.forgetEvents(site.now - LISTED_MS);
  for (const channel of site.alertQueue.channels) channel.forget(before);
  for (const key of site.keys) {
    for (const { told } of key.consumers) told.splice(0, told.length - TOLD);
    if (isAtRest(key)) await forgetKeys(site, forgetRotations(site, key, before));
  }
}

function isAtRest({ slots, standbyStore }: SiteKey): boolean {
  const places = standbyStore ? [slots, standbyStore.slots] : [slots];
  return places.every(({ old, pending, rolledBack }) => !old && !pending && !rolledBack);
}

/** Of keys that this Paddle has forgotten there is no news: what is kept of each for ever would be all that grows. */
async function forgetKeys(site: Site, ids: readonly string[]): Promise<void> {
  for (const kind of KEPT_FOR_EVER) await site.records.forget(kind, ids);
  await site.records.forgetLists(ids.flatMap((id) => [`seen-${id}`, `seen-${id}-ended`, `seen-key-${id}`]));
  site.forgetOwners(ids);
}

/** @returns ids of the keys that are gone */
function forgetRotations(site: Site, key: SiteKey, before: number): readonly string[] {
  const forgotten: string[] = [];
  const { account, slots, standbyStore } = key;
  const held = [slots.active, slots.standby, standbyStore?.slots.standby].map(
    (issued) => issued && keyIdOf(issued),
  );
  for (const [id, paddleKey] of account.keys) {
    const { rotations, old } = paddleKey;
    const young = rotations.findIndex(({ createdAt, status }) => createdAt >= before || status === "pending");
    const gone = rotations.splice(0, Math.max(0, (young === -1 ? rotations.length : young) - 1));
    const dead = old.splice(0, Math.max(0, old.length - rotations.length));
    for (const secret of [...gone.map(({ newSecret }) => newSecret), ...dead.map((one) => one.secret)]) {
      if (secret === paddleKey.current) continue;
      account.owners.delete(secret);
      site.account.owners.delete(secret);
    }
    if (paddleKey.status === "active" || paddleKey.updatedAt >= before || held.includes(id)) continue;
    forgotten.push(id);
    account.keys.delete(id);
    site.account.keys.delete(id);
    for (const owners of [account.owners, site.account.owners])
      for (const [secret, owner] of owners) if (owner === paddleKey) owners.delete(secret);
  }
  site.broken.push(...key.renewWatch([...account.owners.keys()]));
  return forgotten;
}
