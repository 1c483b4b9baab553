/** A writer that stalls between two calls, while another one goes on, does no harm when it wakes. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS, promote, type Slots, stage, swapBack } from "../../../src/core/slots.ts";
import { issued, pending, plain, put } from "../../contract/secret-store-samples.ts";
import { AwsPlace } from "../../support/stores/aws-secrets-manager-place.ts";

const plainly: Slots = { ...EMPTY_SLOTS, active: issued("active") };
const staged = stage(plainly, pending("mine"));
const promoted = promote(staged, { slot: "active", until: 0 });

/** Lets a writer come to its call `number`, does all else meanwhile, and lets it go on. */
async function stalledAt(
  number: number,
  { before, mine, others }: { before: Slots; mine: Slots; others: readonly ((found: Slots) => Slots)[] },
): Promise<AsyncDisposable & { place: AwsPlace; outcome: unknown }> {
  const place = await AwsPlace.open({ NOTE: "beside" }, "json versions");
  const other = place.store({ role: null });
  await put(other, before);
  const { version } = await other.read();
  const arrived = Promise.withResolvers<void>();
  const wake = Promise.withResolvers<void>();
  let calls = 0;
  let stalled = false;
  place.aws.beforeCall = async () => {
    calls += 1;
    if (stalled || calls !== number) return;
    stalled = true;
    arrived.resolve();
    await wake.promise;
  };
  const patient = place.store({ role: null }, { requestMs: 20_000, operationMs: 20_000 });
  const writing = patient.write(mine, version).catch((error: unknown) => error);
  await Promise.race([arrived.promise, writing]);
  for (const step of others) {
    const found = await other.read();
    expect(await other.write(step(found.slots), found.version)).toBe("written");
  }
  wake.resolve();
  return {
    place,
    outcome: await writing,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

const CALLS = Array.from({ length: 12 }, (_, index) => index + 1);

describe("a writer that is overtaken", () => {
  it.each(CALLS)("cannot replace a secret that was staged meanwhile (call %i)", async (number) => {
    const theirs = pending("theirs");
    await using stalled = await stalledAt(number, {
      before: plainly,
      mine: staged,
      others: [(found) => stage(found, theirs)],
    });
    const { place, outcome } = stalled;
    const { slots } = await place.store().read();
    expect([staged, stage(plainly, theirs)].map(plain)).toContainEqual(plain(slots));
    if (plain(slots).pending === plain(staged).pending) expect(outcome).toBe("written");
  });

  it.each(CALLS)("cannot undo a rollback with its late promotion (call %i)", async (number) => {
    const twin = (found: Slots) => (found.pending ? promote(found, { slot: "active", until: 0 }) : found);
    await using stalled = await stalledAt(number, {
      before: staged,
      mine: promoted,
      others: [twin, swapBack],
    });
    const { place } = stalled;
    const { slots } = await place.store().read();
    expect(plain(slots)).toEqual(plain(swapBack(promoted)));
  });

  it.each(CALLS)(
    "never leaves a field that a person changed meanwhile as it was (call %i)",
    async (number) => {
      await using place = await AwsPlace.open({ NOTE: "before" }, "json versions");
      const store = place.store({ role: null });
      await put(store, staged);
      const { version } = await store.read();
      let calls = 0;
      let edited = false;
      place.aws.beforeCall = async () => {
        calls += 1;
        if (calls !== number) return;
        edited = true;
        const fields: object = JSON.parse(place.secret.holder("AWSCURRENT")?.text ?? "{}");
        place.put(JSON.stringify({ ...fields, NOTE: "by hand" }));
      };
      await store.write(promoted, version).catch(() => {});
      if (edited) expect(await place.beside()).toEqual({ NOTE: "by hand" });
      const { slots } = await store.read();
      expect([staged, promoted].map((wanted) => plain(wanted).active)).toContain(plain(slots).active);
      expect(Object.values(plain(slots))).toContain(plain(plainly).active);
    },
  );
});
