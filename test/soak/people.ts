/** People do what they are told to, once a day: they end former keys, bring new ones, and put standbys back. */
import { Secret } from "../../src/core/secret.ts";
import { keyIdOf, unknownOrigin } from "../../src/core/slots.ts";
import { revoke } from "../support/paddle-simulator/account/dashboard.ts";
import { bringsKey } from "./accidents.ts";
import type { Site } from "./site.ts";
import type { SiteKey } from "./site-key.ts";

/** Pages that a person ends by bringing another key. */
const PAGES = /^(key-(exposed|expired|revoked|lost)|not-rotatable|exposure-still-open)$/;

export async function obey(site: Site): Promise<void> {
  for (const key of site.keys) {
    endFormerKeys(key);
    try {
      if (isToldToBringOne(site, key)) await bringsKey(site, key);
      else await putStandbyBack(key);
    } catch {
      // The store or the queue is down: tomorrow, then.
    }
  }
}

/** A key that another one replaced is revoked by whoever is asked to. */
function endFormerKeys({ account, alerts, activeKeyId }: SiteKey): void {
  const asked = alerts.flatMap(({ kind, keyId }) =>
    kind === "former-key-lives" && keyId !== null ? [keyId] : [],
  );
  for (const keyId of new Set(asked))
    if (keyId !== activeKeyId && account.keys.get(keyId)?.status === "active")
      revoke(account, keyId, { by: "user" });
}

function isToldToBringOne({ alertQueue }: Site, { activeKeyId }: SiteKey): boolean {
  const told = alertQueue.channels.flatMap(({ open }) => [...open.values()]);
  return told.some(({ kind, keyId }) => keyId === activeKeyId && PAGES.test(kind));
}

/** A standby that was used, or is dead, has a successor. */
async function putStandbyBack(key: SiteKey): Promise<void> {
  const place = key.standbyStore ?? key.store;
  const { slots, version } = await place.read();
  const { standby } = slots;
  const id = standby && keyIdOf(standby);
  const isFit = id !== null && id !== key.activeKeyId && key.account.keys.get(id)?.status === "active";
  if (!key.hasStandby || isFit || slots.pending) return;
  await place.write({ ...slots, standby: unknownOrigin(new Secret(key.newKey().current)) }, version);
}
