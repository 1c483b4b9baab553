/** An operator's drill: for each kind of incident, from the alert's links alone to the act that ends it. */
import { describe, expect, it } from "vitest";
import { channelFailing } from "../../../src/alerts/channel-messages.ts";
import { checkFailed } from "../../../src/alerts/check-messages.ts";
import { consumersLag } from "../../../src/alerts/consumer-messages.ts";
import { needsAnotherKey } from "../../../src/alerts/emergency-messages.ts";
import { foreignPending, takeover } from "../../../src/alerts/inspect-messages.ts";
import { linksOf } from "../../../src/alerts/links.ts";
import { platformNeedsKey, platformStuck } from "../../../src/alerts/platform-messages.ts";
import {
  keyUnchecked,
  maybeExposed,
  storeRestored,
  sweepsFail,
} from "../../../src/alerts/reconcile-messages.ts";
import { RUNBOOK, runbookEntry, type RunbookEntry } from "../../../src/alerts/runbook.ts";
import { exposedSecretLives, formerMustBeRevoked } from "../../../src/alerts/survivor-messages.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { readLine } from "../../../src/cli/line.ts";
import type { Alert } from "../../../src/core/alert.ts";
import type { IntentKind, Work } from "../../../src/core/work.ts";
import { failureAlert } from "../../../src/queue/failure-alerts.ts";
import { ACTIVE, KEY_ID, keyWith, STEADY } from "../../support/admin/keys.ts";
import { LEAKED } from "../../support/alerts/sample-alerts.ts";

const NOW = Date.UTC(2026, 10, 21, 3, 4, 5);
const ADMIN_URL = "https://rotator.example.com";
const KEY = keyWith(STEADY, "billing-worker");
const FOUND = { key: KEY, keyId: KEY_ID, now: NOW };
const ROTATION = {
  id: "apkrot_01kaa1b2c3d4e5f6g7h8j9k0mn",
  keyId: KEY_ID,
  status: "completed",
  graceSeconds: 3600,
  createdAt: NOW,
  expiresAt: NOW + 3_600_000,
} as const;

const workOf = (kind: IntentKind): Work => ({
  job: "rotate",
  keyName: "billing-worker",
  keyId: KEY_ID,
  intent: { id: "evt_01kaa1b2c3d4e5f6g7h8j9k0mn", kind, requestedAt: NOW },
  eventId: "evt_01kaa1b2c3d4e5f6g7h8j9k0mn",
});

/** What the operator reads under the link of an alert: the entry, and where the page leads. */
function followed(alert: Alert): { readonly entry: RunbookEntry; readonly page: string } {
  const { page, runbook } = linksOf(alert, { adminUrl: ADMIN_URL, keyNames: ["billing-worker"] });
  const entry = runbookEntry(decodeURIComponent(new URL(runbook).hash.slice(1)));
  if (!entry) throw new Error(`${runbook} leads nowhere`);
  return { entry, page: new URL(page ?? "").pathname };
}

/** The commands of an entry as they are typed for this key, each of them one that there is. */
function typed({ actions }: RunbookEntry): string[] {
  return actions.flatMap(({ command }) => {
    if (command === undefined || !command.startsWith("npm run rotator -- ")) return [];
    const line = command
      .slice("npm run rotator -- ".length)
      .replace("<name>", "billing-worker")
      .replace("<channel>", "ops");
    expect(readLine(line.split(" "), COMMANDS)).not.toBeNull();
    return [line];
  });
}

const stuck = {
  kind: "stuck",
  since: NOW,
  free: "take the label off",
  finish: null,
  activeLives: true,
} as const;
const lag = { key: KEY, work: workOf("scheduled"), switchOverId: "so", until: null, isOwn: true } as const;
const check = { key: KEY, work: workOf("scheduled"), name: "errors", switchOverId: "so" } as const;
const survivor = { key: KEY, work: workOf("exposed"), keyId: KEY_ID, isWatched: true, endsAt: null } as const;

const failing = failureAlert({
  job: { id: "evt_1", name: "rotate", opts: { attempts: 100 } },
  work: workOf("scheduled"),
  attempt: 3,
  error: new Error("the store is down"),
  reason: "the store is down",
  now: NOW,
});
if (!failing) throw new Error("a third failure in a row is told of");
const jobFailing: Alert = failing;

/** Each incident, the page, and what ends it: a command, or a place at Paddle or in the house. */
const DRILL: readonly (readonly [Alert, page: string, ends: string | RegExp])[] = [
  [needsAnotherKey(KEY, workOf("exposed"), { now: NOW }), "/keys/billing-worker", "replace billing-worker"],
  [needsAnotherKey(KEY, workOf("expired"), { now: NOW }), "/keys/billing-worker", "replace billing-worker"],
  [needsAnotherKey(KEY, workOf("revoked"), { now: NOW }), "/keys/billing-worker", /reactivate the key/],
  [needsAnotherKey(KEY, workOf("scheduled"), { now: NOW }), "/keys/billing-worker", "replace billing-worker"],
  [
    formerMustBeRevoked(KEY, workOf("expiring"), "seen", NOW),
    "/keys/billing-worker",
    /Revoke the key .* in Paddle/,
  ],
  [exposedSecretLives({ ...survivor, secret: ACTIVE }, NOW), "/keys/billing-worker", /Else wait/],
  [
    foreignPending(FOUND, { ...ROTATION, status: "pending" }, "pending"),
    "/keys/billing-worker",
    /revoke the key in Paddle/,
  ],
  [takeover(FOUND, ROTATION, ACTIVE), "/keys/billing-worker", "replace billing-worker"],
  [storeRestored(FOUND, ROTATION, ACTIVE), "/keys/billing-worker", /back into the store/],
  [maybeExposed(FOUND, NOW, ACTIVE), "/keys/billing-worker", "rotate billing-worker --revoke-first"],
  [
    consumersLag(lag, { mark: 100, who: ["billing"], says: [] }, NOW),
    "/keys/billing-worker",
    /Restart or reload them/,
  ],
  [
    checkFailed(check, { says: "Bad.", noRollback: null, until: null }, NOW),
    "/keys/billing-worker",
    "rollback billing-worker",
  ],
  [platformStuck(KEY, workOf("scheduled"), stuck, NOW), "/keys/billing-worker", "rotate billing-worker"],
  [
    platformNeedsKey(KEY, workOf("expired"), { active: null, standby: null, now: NOW }),
    "/keys/billing-worker",
    /Put it where the alert says/,
  ],
  [keyUnchecked(KEY, "it hangs", "1", NOW), "/keys/billing-worker", "check"],
  [sweepsFail(NOW, null, NOW + 1), "/", /restart the workers/],
  [jobFailing, "/keys/billing-worker", "check"],
  [channelFailing("ops", "it is down", LEAKED, NOW), "/", "test-alert ops"],
];

describe("from the alert's links alone", () => {
  it.each(DRILL.map(([alert, page, ends]) => ({ kind: alert.kind, alert, page, ends })))(
    "$kind is resolved: $ends",
    ({ alert, page, ends }) => {
      const { entry, page: shown } = followed(alert);
      expect(entry.kind).toBe(alert.kind);
      expect(shown).toBe(page);
      expect(entry.severities).toContain(alert.severity);
      const commands = typed(entry);
      if (typeof ends === "string") expect(commands).toContain(ends);
      else expect(entry.actions.map(({ does }) => does).join("\n")).toMatch(ends);
    },
  );

  it("misses no incident that has an end", () => {
    const ended = RUNBOOK.flatMap(
      ({ endsWhen }) => /^At once: it is the end of `([\w-]+)`/.exec(endsWhen)?.[1] ?? [],
    );
    expect(ended.length).toBeGreaterThan(5);
    const drilled = new Set(DRILL.map(([{ kind }]) => kind));
    expect(ended.filter((kind) => !drilled.has(kind))).toEqual([]);
  });
});
