/** An ordinary day of four keys: what the README shows, and what most tests of pages begin with. */
import type { JobView } from "../../../src/core/job-view.ts";
import type { Records } from "../../../src/core/ports.ts";
import type { AuditRecord } from "../../../src/rotation/audit-record.ts";
import { NOW } from "./keys.ts";
import {
  consumer,
  consumersAre,
  DAY,
  factsOf,
  HOUR,
  jobAbout,
  MINUTE,
  onRecord,
  paddleSaid,
  secretFor,
  type StoryKey,
  storyKey,
} from "./pages-story.ts";

export type Showcase = {
  readonly keys: readonly StoryKey[];
  readonly jobs: JobView[];
  /** Leaves in the records what the days before have left. */
  fill(records: Records): Promise<void>;
};

export function showcase(): Showcase {
  const checkout = storyKey(
    "checkout-api",
    {
      active: secretFor("checkout-api", "CheckoutA", NOW - 34 * DAY),
      standby: secretFor("checkout-api-2", "CheckoutS", NOW - 40 * DAY),
    },
    { consumers: [consumer("checkout"), consumer("storefront")], checks: [] },
  );
  const billing = storyKey(
    "billing-worker",
    {
      active: secretFor("billing-worker", "BillingA", NOW - 46 * MINUTE),
      old: {
        ...secretFor("billing-worker", "BillingO", NOW - 60 * DAY),
        until: NOW + 23 * HOUR + 14 * MINUTE + 9_000,
      },
    },
    { consumers: [consumer("billing"), consumer("invoices"), consumer("ledger")] },
  );
  const tax = storyKey("tax-reports", { active: secretFor("tax-reports", "TaxA", NOW - 57 * DAY) });
  const portal = storyKey(
    "customer-portal",
    {
      active: secretFor("customer-portal", "PortalA", NOW - 9 * DAY),
      standby: secretFor("customer-portal-2", "PortalS", NOW - 9 * DAY),
    },
    { consumers: [consumer("portal")], policy: { graceSeconds: 10_800 } },
  );
  const { store } = billing;
  const old = store.slots.old?.secret.fingerprint() ?? "";
  const active = store.slots.active?.secret.fingerprint() ?? "";
  const job = jobAbout(billing, {
    id: "evt_01kaexpiring7h8j9k0mn",
    why: "expiring",
    state: "delayed",
    nextAt: NOW + 5 * MINUTE - 1,
    percent: 75,
    facts: factsOf(47, [
      ["activeAccepted", `Paddle accepts the active secret ${old}.`],
      [
        "staged",
        `Staged: Paddle issued ${active} (apkrot_01billinga), saved in ${store.location}, not used yet.`,
      ],
      ["pendingAccepted", `Paddle accepts the pending secret ${active}.`],
      ["promoted", `Promoted: ${store.location} now holds ${active} as active.`],
      ["consumer-billing", "billing: 4 of 4 instances use it."],
      ["consumer-ledger", "ledger: 2 of 3 instances use it."],
    ]),
  });
  return {
    keys: [checkout, billing, tax, portal],
    jobs: [job],
    async fill(records) {
      await paddleSaid(records, checkout.keyId, { expiresAt: NOW + 56 * DAY + HOUR });
      await paddleSaid(records, billing.keyId, { expiresAt: NOW + 90 * DAY });
      await paddleSaid(records, tax.keyId, { expiresAt: NOW + 33 * DAY + HOUR });
      await paddleSaid(records, portal.keyId, { expiresAt: NOW + 81 * DAY + HOUR });
      await consumersAre(records, "checkout-api", {
        fingerprint: checkout.store.slots.active?.secret.fingerprint() ?? "",
        startedAt: NOW - 34 * DAY,
        consumers: ["checkout", "storefront"].map((name) => proved(name, 3)),
      });
      await consumersAre(records, "billing-worker", {
        fingerprint: active,
        startedAt: NOW - 46 * MINUTE,
        consumers: [proved("billing", 4), proved("invoices", 2), LEDGER],
      });
      await consumersAre(records, "customer-portal", {
        fingerprint: portal.store.slots.active?.secret.fingerprint() ?? "",
        startedAt: NOW - 9 * DAY,
        consumers: [proved("portal", 6)],
      });
      await onRecord(records, rotated(checkout, 34));
      await onRecord(records, rotated(billing, 60));
      await onRecord(records, rotated(tax, 57));
      await onRecord(records, rotated(portal, 9));
    },
  };
}

function proved(name: string, count: number) {
  const instances = Array.from({ length: count }, (_, index) => ({
    id: `${name}-${index}`,
    state: "switched" as const,
    says: null,
  }));
  return { name, state: "proved" as const, says: `${count} of ${count} instances use it.`, instances };
}

const LEDGER = {
  name: "ledger",
  state: "under-way" as const,
  says: "2 of 3 instances use it.",
  instances: [
    { id: "ledger-7c9f4-x2x8p", state: "switched" as const, says: null },
    { id: "ledger-7c9f4-m4k1q", state: "switched" as const, says: null },
    { id: "ledger-7c9f4-9tqzs", state: "lagging" as const, says: "it reports the former secret" },
  ],
};

/** A rotation that ended well, so many days ago. */
export function rotated({ name, keyId, store }: StoryKey, daysAgo: number): AuditRecord {
  const begin = NOW - daysAgo * DAY;
  const iso = (seconds: number) => new Date(begin + seconds * 1000).toISOString();
  const fingerprint = store.slots.active?.secret.fingerprint() ?? "";
  return {
    id: `evt_01k${name.replaceAll("-", "").slice(0, 10)}`,
    kind: "rotation",
    keyName: name,
    keyId,
    intent: "expiring",
    eventId: `evt_01k${name.replaceAll("-", "").slice(0, 10)}`,
    requestedAt: iso(-4),
    receivedAt: iso(-3),
    endedAt: iso(86_420),
    outcome: "done",
    result: "rotated",
    summary: `${name} is rotated: ${fingerprint} is active and the old secret is dead.`,
    steps: [
      { fact: "activeAccepted", at: iso(0), says: "Paddle accepts the active secret." },
      {
        fact: "staged",
        at: iso(1),
        says: `Staged: Paddle issued ${fingerprint}, saved in ${store.location}, not used yet.`,
      },
      {
        fact: "promoted",
        at: iso(3),
        says: `Promoted: ${store.location} now holds ${fingerprint} as active.`,
      },
      { fact: "switchedOver", at: iso(94), says: `Every consumer uses ${fingerprint}: proved.` },
      { fact: "oldDied", at: iso(86_415), says: "Paddle refuses the old secret." },
      { fact: "retired", at: iso(86_418), says: "Retired: the dead old secret is out of the store." },
    ],
    secrets: [{ fingerprint, issuedAt: iso(1), endedAt: null, livedSeconds: null }],
  };
}
