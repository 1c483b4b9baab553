/** What must be true at the end of each day. */
import { keyIdOf } from "../../src/core/slots.ts";
import type { Site } from "./site.ts";
import { DAY_MS, HOUR_MS, type SiteKey } from "./site-key.ts";

/** After so long without any trouble, nothing is left of what was before. */
const CALM_MS = 3 * DAY_MS;

/** What is wrong, in sentences; each is said once. */
export function judge(site: Site): readonly string[] {
  const { now, lastTroubleAt, alertQueue } = site;
  const wrong = [
    ...site.broken.splice(0),
    ...alertQueue.channels.flatMap((channel) => channel.wrong.splice(0)),
    ...site.keys.flatMap((key) => key.invariants.broken.splice(0).map((what) => `${key.name}: ${what}`)),
  ];
  const isCalm = now - lastTroubleAt > CALM_MS;
  for (const key of site.keys) {
    if (isCalm && now - key.lastTroubleAt > CALM_MS) {
      site.judged += 1;
      wrong.push(...leftOf(site, key));
    }
    if (!key.lives && now - lastTroubleAt > 6 * HOUR_MS && !isKnown(site, key))
      wrong.push(`${key.name}: its active secret is dead and nobody knows`);
  }
  if (isCalm) wrong.push(...openIncidents(site, null));
  if (isCalm && alertQueue.waiting.length > 0) wrong.push(`not delivered: ${alertQueue.waiting.join(", ")}`);
  return wrong;
}

function* leftOf(site: Site, key: SiteKey): Generator<string> {
  const { active, old, pending, rolledBack } = key.slots;
  if (!key.lives) yield `${key.name}: its active secret is dead after days of calm`;
  if (pending && active && keyIdOf(pending) === keyIdOf(active)) yield `${key.name}: a secret is staged`;
  if (rolledBack) yield `${key.name}: it is rolled back`;
  if (old && !isRotating(site, key)) yield `${key.name}: a former secret is left`;
  yield* openIncidents(site, key);
}

function* openIncidents({ alertQueue, now }: Site, key: SiteKey | null): Generator<string> {
  for (const { name, open } of alertQueue.channels)
    for (const [id, alert] of open) {
      const isAbout = (alert.keyName?.replace(/-standby$/, "") ?? null) === (key?.name ?? null);
      if (isAbout && now - alert.raisedAt > CALM_MS) yield `${name} was never told that ${id} is over`;
    }
}

/** Its policy may have it rotated at any time. */
function isRotating({ queue }: Site, key: SiteKey): boolean {
  return queue.unfinished.some(({ work }) => key.account.keys.has(work.keyId));
}

function isKnown(site: Site, key: SiteKey): boolean {
  const ids = site.alertQueue.channels.flatMap(({ open }) => [...open.values()]);
  return ids.some(({ keyName }) => keyName === key.name) || isRotating(site, key);
}
