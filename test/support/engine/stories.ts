/** Stories as fast-check makes them up: the world that they begin in, and what happens there. */
import * as fc from "fast-check";
import type { Switches } from "../paddle-simulator/switches.ts";
import type { Act, Story } from "./story.ts";
import { DAY_MS, HOUR_MS, type WorldOptions } from "./world.ts";

const MINUTE_MS = 60_000;

const named = <Name extends string>(...names: Name[]) => fc.constantFrom(...names);
const worker = fc.constantFrom<0 | 1>(0, 1);

/** How often each happens, and what. */
const ACTS: readonly [number, fc.Arbitrary<Act>][] = [
  [8, fc.record({ act: named("work"), worker, effects: fc.integer({ min: 1, max: 5 }) })],
  [7, fc.record({ act: named("work"), worker, effects: fc.integer({ min: 6, max: 25 }) })],
  [
    2,
    fc.record({
      act: named("mishap"),
      worker,
      move: named("dies before", "dies after", "loses the answer"),
    }),
  ],
  [1, fc.record({ act: named("take over"), worker })],
  [6, fc.record({ act: named("webhook"), which: fc.nat(9), again: fc.boolean() })],
  [
    3,
    fc.record({
      act: named("time"),
      ms: fc.constantFrom(1_000, MINUTE_MS, 31 * MINUTE_MS, HOUR_MS + 3_000, 3 * HOUR_MS, DAY_MS),
    }),
  ],
  [2, fc.record({ act: named("exposed"), revoked: fc.boolean() })],
  [3, fc.record({ act: named("warned", "rolled back") })],
  [2, fc.record({ act: named("revoked", "reactivated", "expired", "brought") })],
  [
    1,
    fc.record({
      act: named("thief"),
      activates: fc.boolean(),
      graceSeconds: fc.constantFrom(0, 3600),
    }),
  ],
  [3, fc.record({ act: named("asked"), job: named("rotate", "revoke-first") })],
  [2, fc.record({ act: named("countered", "backup", "restored", "swept") })],
];

/** What Paddle's documentation leaves open about rotations, in every position. */
const SWITCHES: fc.Arbitrary<Partial<Switches>> = fc.record({
  createStatus: fc.constantFrom(200, 201),
  newKeyOnGet: named("always", "while-pending", "never"),
  newKeyInList: fc.boolean(),
  rotationListOrder: named("asc", "desc"),
  rotationTimes: fc.boolean(),
  rotationEchoesNewExpiry: fc.boolean(),
  pendingExpiresAt: named("null", "absent"),
  pendingTtlMs: fc.constantFrom(null, MINUTE_MS),
  oldSecrets: named("stack", "end-at-completion", "end-at-post"),
  canceledSecret: named("refused", "accepted"),
  otherKeyRotation: named("forbidden", "not_found", "bad_request"),
  newExpiry: named("accept", "refuse"),
  newExpiryInPast: named("refuse", "accept"),
  newExpiryNull: named("refuse", "clear"),
  newExpiryMaxMs: fc.constantFrom(null, 30 * DAY_MS),
  listDeadKeys: fc.boolean(),
  noticeForShortLives: fc.boolean(),
  noticeAfterNewExpiry: fc.boolean(),
  reactivationEvent: fc.boolean(),
});

const permissions = fc.constantFrom(["transaction.read"], ["api_key.read", "transaction.read"]);
/** Most keys are rotatable. */
const key = fc.record({ permissions, rotatable: fc.constantFrom(true, true, true, false) });

const OPTIONS: fc.Arbitrary<WorldOptions> = fc.record(
  {
    key,
    switches: SWITCHES,
    policy: fc.record({
      graceSeconds: fc.constantFrom(0, 3600, 86_400),
      overlapMs: fc.constantFrom(0, HOUR_MS, 72 * HOUR_MS),
      foreignRotation: named("alert", "counter"),
      onExposure: fc.constantFrom("revoke-first" as const, "revoke-first" as const, "graceful" as const),
    }),
    standby: fc.constantFrom(undefined, "same-store" as const, "elsewhere" as const),
    standbyKey: key,
  },
  { requiredKeys: ["key", "switches", "policy", "standbyKey"] },
) as fc.Arbitrary<WorldOptions>;

export const STORIES: fc.Arbitrary<Story> = fc.record({
  options: OPTIONS,
  acts: fc.array(fc.oneof(...ACTS.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { maxLength: 40 }),
  catchesUp: fc.boolean(),
});
