/** Slots for the contract of secret stores, and how they are compared. */
import { expect } from "vitest";
import type { SecretStore } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { type SlotFields, toFields } from "../../src/core/slot-fields.ts";
import { type IssuedSecret, type PendingSecret, type Slots, unknownOrigin } from "../../src/core/slots.ts";

/** What else the place keeps. */
export const BESIDE = { DATABASE_URL: "postgres://localhost/billing", GREETING: "Grüße, 東京 🔑" };

/** Of the form and length of a Paddle key: 69 characters. */
export function secretText(mark: string): string {
  return `pdl_sdbx_apikey_${"01k".padEnd(26, "0")}_${mark.padEnd(22, "x")}_aBc`;
}

/** Of unknown origin. */
export function issued(mark: string): IssuedSecret {
  return unknownOrigin(new Secret(secretText(mark)));
}

/** With all that can be known of it. */
export function issuedByUs(mark: string): IssuedSecret {
  return {
    secret: new Secret(secretText(mark)),
    rotationId: `apkrot_${mark}`,
    issuedAt: Date.UTC(2026, 0, 1, 0, 0, 0, 1),
    intentId: `evt_${mark}`,
  };
}

export function pending(mark: string): PendingSecret {
  return { ...issued(mark), mode: "graceful", graceSeconds: 3600 };
}

/** Slots as plain texts: two Secrets look equal to `toEqual` whatever they hold. */
export function plain(slots: Slots): SlotFields {
  return toFields({ slots, revision: 0 });
}

/** Writes against what the store holds now. */
export async function put(store: SecretStore, slots: Slots): Promise<void> {
  const { version } = await store.read();
  expect(await store.write(slots, version)).toBe("written");
}
