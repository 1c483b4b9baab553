/**
 * A write to the shape `versions` takes several calls. Whichever of them is the last one of a process, a reader finds
 * the slots as they were or as they were to be, or one of few states between them, from which the rotation goes on.
 */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import {
  EMPTY_SLOTS,
  type IssuedSecret,
  type PendingSecret,
  promote,
  promoteStandby,
  putBackOld,
  retire,
  type Slots,
  stage,
  swapBack,
  swapForward,
} from "../../../src/core/slots.ts";
import { plain, put } from "../../contract/secret-store-samples.ts";
import type { FakeVersion } from "../../support/stores/aws-secret.ts";
import { AwsPlace } from "../../support/stores/aws-secrets-manager-place.ts";

const UNTIL = Date.UTC(2026, 10, 22);
const a = issued("active", "01k");
const o = issued("old", "01k");
const s = issued("standby", "01z");
const p: PendingSecret = { ...issued("pending", "01k"), mode: "revoke-first", graceSeconds: 0 };

const plainly = { ...EMPTY_SLOTS, active: a };
const inGrace: Slots = { ...plainly, old: { ...o, until: UNTIL } };
const staged: Slots = { ...plainly, pending: p };
const stagedInGrace: Slots = { ...inGrace, pending: p };
const ready: Slots = { ...plainly, standby: s };
const rolledBack = swapBack(inGrace);

type Transition = {
  readonly name: string;
  readonly before: Slots;
  readonly after: Slots;
  /** What Paddle still accepts, or may, before and after. */
  readonly living: readonly IssuedSecret[];
  readonly between?: readonly Slots[];
};

const { mode: _mode, graceSeconds: _grace, ...activated } = p;
const unknownEnd = (secret: IssuedSecret) => ({ ...secret, until: null });

const TRANSITIONS: readonly Transition[] = [
  { name: "stage", before: plainly, after: stage(plainly, p), living: [a] },
  {
    name: "stage again",
    before: staged,
    after: stage(staged, { ...p, ...issued("other", "01k") }),
    living: [a],
  },
  {
    name: "promote, the active one living on",
    before: staged,
    after: promote(staged, { slot: "active", until: UNTIL }),
    living: [a, p],
  },
  {
    name: "promote, the old one living on",
    before: stagedInGrace,
    after: promote(stagedInGrace, { slot: "old", until: UNTIL }),
    living: [o, p],
  },
  {
    name: "promote in a grace, the active one living on",
    before: stagedInGrace,
    after: promote(stagedInGrace, { slot: "active", until: UNTIL }),
    living: [a, p],
  },
  {
    name: "promote, none living on",
    before: staged,
    after: promote(staged, null),
    living: [p],
    // Paddle refuses what is left in old, and it is retired.
    between: [{ ...staged, active: activated, pending: null, old: unknownEnd(a) }],
  },
  {
    name: "promote in a grace, none living on",
    before: stagedInGrace,
    after: promote(stagedInGrace, null),
    living: [p],
    between: [{ ...staged, active: activated, pending: null, old: unknownEnd(a) }],
  },
  { name: "retire", before: inGrace, after: retire(inGrace), living: [a] },
  { name: "roll back", before: inGrace, after: rolledBack, living: [a, o] },
  { name: "swap forward", before: rolledBack, after: swapForward(rolledBack), living: [a, o] },
  {
    name: "put the old one back",
    before: stagedInGrace,
    after: putBackOld(stagedInGrace),
    living: [o],
    between: [
      { ...staged, active: o, old: unknownEnd(a) },
      { ...staged, active: o },
    ],
  },
  { name: "set a standby", before: plainly, after: { ...plainly, standby: s }, living: [a] },
  { name: "take the standby away", before: ready, after: plainly, living: [a] },
  {
    name: "promote the standby, side by side",
    before: ready,
    after: promoteStandby(ready, s, UNTIL),
    living: [a, s],
  },
  {
    name: "promote the standby, the former key being dead",
    before: ready,
    after: promoteStandby(ready, s, null),
    living: [s],
    between: [{ ...plainly, active: s, old: unknownEnd(a) }],
  },
];

/** The same in a standby's store of its own, where the engine takes `standby` for what is in use. */
const OF_A_STANDBY = TRANSITIONS.filter(({ before, after }) => !before.standby && !after.standby).map(
  ({ name, before, after, between = [], living }) => ({
    name: `${name} (a standby)`,
    before: swapped(before),
    after: swapped(after),
    // AWS moves nothing by itself here: the former old one is in reach until its label is taken off.
    between: [...between, { ...after, old: before.old }].map(swapped),
    living,
  }),
);

describe.each(["as staged", "with another field changed since"] as const)("a write %s", (variant) => {
  it.each([...TRANSITIONS, ...OF_A_STANDBY])(
    "leaves nothing lost wherever it ends: $name",
    async (transition) => {
      const calls = await callsOf(transition, variant);
      expect(calls).toBeGreaterThan(4);
      for (let done = 1; done <= calls; done += 1) {
        await using place = await prepared(transition, variant);
        const store = place.store({ role: null });
        const { version } = await store.read();
        place.aws.diesAfter = done;
        await store.write(transition.after, version).catch(() => {});
        place.aws.diesAfter = Infinity;

        const found = await store.read();
        const { before, after, between = [] } = transition;
        expect([before, after, ...between].map(plain), `after call ${done}`).toContainEqual(
          plain(found.slots),
        );
        const reach = Object.values(plain(found.slots));
        for (const { secret } of transition.living)
          if (Object.values(plain(before)).includes(secret.reveal()))
            expect(reach).toContain(secret.reveal());
        if (inUse(found.slots) === inUse(before)) expect(found.slots.rolledBack).toBe(before.rolledBack);
        expect(await place.beside()).toEqual({ NOTE: variant });

        // The next pass goes on from there.
        expect(await store.write(after, found.version)).toBe("written");
        expect(plain((await store.read()).slots)).toEqual(plain(after));
        expect(await place.beside()).toEqual({ NOTE: variant });
      }
    },
  );
});

it.each([...TRANSITIONS, ...OF_A_STANDBY])(
  "a write is done although the answer to one of its calls is lost: $name",
  async (transition) => {
    const variant = "with another field changed since";
    const calls = await callsOf(transition, variant);
    for (let lost = 1; lost <= calls; lost += 1) {
      await using place = await prepared(transition, variant);
      const store = place.store({ role: null });
      const { version } = await store.read();
      place.aws.losesAnswerOf = lost;
      expect(await store.write(transition.after, version), `lost answer ${lost}`).toBe("written");
      expect(plain((await store.read()).slots)).toEqual(plain(transition.after));
    }
  },
);

type Variant = "as staged" | "with another field changed since";

/** What our store wrote for these slots, to begin with in every accident: a place is written to only once. */
const written = new Map<string, readonly FakeVersion[]>();
const copied = (versions: Iterable<FakeVersion>) =>
  [...versions].map((version) => ({ ...version, labels: new Set(version.labels) }));

async function prepared({ name, before }: Transition, variant: Variant): Promise<AwsPlace> {
  const place = await AwsPlace.open({ NOTE: "as staged" }, "json versions");
  const { versions } = place.secret;
  const known = written.get(`${name} ${variant}`);
  if (known) {
    versions.clear();
    for (const version of copied(known)) versions.set(version.id, version);
    return place;
  }
  await put(place.store({ role: null }), before);
  if (variant === "with another field changed since") {
    const fields: object = JSON.parse(place.secret.holder("AWSCURRENT")?.text ?? "{}");
    place.put(JSON.stringify({ ...fields, NOTE: variant }));
  }
  written.set(`${name} ${variant}`, copied(versions.values()));
  return place;
}

async function callsOf(transition: Transition, variant: Variant): Promise<number> {
  await using place = await prepared(transition, variant);
  const store = place.store({ role: null });
  const { version } = await store.read();
  const before = place.aws.calls.length;
  expect(await store.write(transition.after, version)).toBe("written");
  return place.aws.calls.length - before;
}

function swapped(slots: Slots): Slots {
  return { ...slots, active: slots.standby, standby: slots.active };
}

function inUse({ active, standby }: Slots): string | undefined {
  return (active ?? standby)?.secret.reveal();
}

function issued(mark: string, key: string): IssuedSecret {
  return {
    secret: new Secret(`pdl_sdbx_apikey_${key.padEnd(26, "0")}_${mark.padEnd(22, "x")}_aBc`),
    rotationId: `apkrot_${mark}`,
    issuedAt: UNTIL - 1,
    intentId: `evt_${mark}`,
  };
}
