/** An overview as the metrics' tests need it: a key at rest, and whatever a test says of it. */
import type { Alert } from "../../../src/core/alert.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import type { KeyOverview, Overview } from "../../../src/overview/overview.ts";
import { viewKey } from "../../../src/overview/key-view.ts";
import { KEY_ID, keyWith, NOW, STEADY } from "../admin/keys.ts";

export const DAY_MS = 86_400_000;

export function keyOverview(name = "billing", rest: Partial<KeyOverview> = {}): KeyOverview {
  const key = keyWith(STEADY, name);
  return {
    view: viewKey(key, STEADY, NOW),
    policy: key.policy,
    consumers: [],
    checks: 0,
    paddle: {
      at: NOW - 60_000,
      status: "active",
      rotatable: true,
      expiresAt: NOW + 90 * DAY_MS,
      exposedAt: null,
    },
    due: { at: NOW + 60 * DAY_MS, because: "age", forced: false },
    switchOver: null,
    standby: { secret: null, location: key.store.location, fault: null },
    jobs: [],
    incidents: [],
    alerts: [],
    lastRotation: null,
    ...rest,
  };
}

export function overviewOf(keys: readonly KeyOverview[], rest: Partial<Overview> = {}): Overview {
  return { at: NOW, version: "1", keys, incidents: [], alerts: [], faults: [], ...rest };
}

export function alertOf(kind: string, rest: Partial<Alert> = {}): Alert {
  return {
    id: `${kind}-${KEY_ID}-evt_1`,
    kind,
    severity: "critical",
    keyName: "billing",
    keyId: KEY_ID,
    happened: "It happened.",
    action: null,
    raisedAt: NOW,
    ...rest,
  };
}

export function jobOf(state: JobView["state"], attempts = 0): JobView {
  return {
    work: {
      job: "rotate",
      keyName: "billing",
      keyId: KEY_ID,
      intent: { id: "evt_1", kind: "expiring", requestedAt: NOW },
      eventId: "evt_1",
    },
    queue: "rotations",
    state,
    nextAt: null,
    percent: 0,
    attempts,
    failure: null,
    facts: {},
  };
}
