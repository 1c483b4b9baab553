/** Several writers of two secrets: turns, turns that are lost, and writers that come too late. */
import { describe, expect, it } from "vitest";
import { QueueError, StoreError } from "../../../../src/core/errors.ts";
import { EMPTY_SLOTS, promote, promoteStandby, type Slots, stage } from "../../../../src/core/slots.ts";
import { issued, issuedByUs, pending, plain } from "../../../contract/secret-store-samples.ts";
import type { Effects } from "../../../support/stores/memory-versions.ts";
import { TwoSecretsPlace } from "../../../support/stores/two-secrets-place.ts";

const first: Slots = { ...EMPTY_SLOTS, active: issuedByUs("first"), standby: issuedByUs("standby") };
const staged = stage(first, pending("second"));
const promoted = promote(staged, { slot: "active", until: 5 });
const replaced = promoteStandby(staged, issuedByUs("standby"), 5);
const TURN_MS = 30_000;

describe("writers of two secrets", () => {
  it.each([true, false])(
    "lets one of twenty win, whether versions are counted (%s) or not",
    async (counts) => {
      const place = new TwoSecretsPlace(counts);
      await place.put(first);
      const { version } = await place.store().read();
      const writes = Array.from({ length: 20 }, (_, index) =>
        place.store().write({ ...first, active: issued(`writer${index}`) }, version),
      );
      await place.clock.advance(TURN_MS);
      const outcomes = await Promise.all(writes);
      expect(outcomes.toSorted()).toEqual([...Array.from({ length: 19 }, () => "conflict"), "written"]);
      const won = `writer${outcomes.indexOf("written")}`;
      expect((await place.store().read()).slots.active?.secret.reveal()).toContain(won);
    },
  );

  it("takes the turn of a writer that died, when that is over and not before", async () => {
    const place = new TwoSecretsPlace();
    await place.put(first);
    const { version } = await place.store().read();
    await place.leases.take("write application", "a dead writer", TURN_MS);
    const write = place.store().write(staged, version);
    await place.clock.advance(TURN_MS - 1_000);
    expect(plain((await place.store().read()).slots)).toEqual(plain(first));
    await place.clock.advance(2_000);
    expect(await write).toBe("written");
  });

  it("does not wait for a turn to write what is out of date by then", async () => {
    const place = new TwoSecretsPlace();
    await place.put(first);
    const { version } = await place.store().read();
    await place.leases.take("write application", "a busy writer", TURN_MS);
    const write = place.store().write(staged, version);
    place.application.texts.push("by-hand");
    await place.clock.advance(1_000);
    expect(await write).toBe("conflict");
  });

  it("says so when another process never ends its turn", async () => {
    const place = new TwoSecretsPlace();
    await place.put(first);
    const { version } = await place.store().read();
    await place.leases.take("write application", "a busy writer", 10 * TURN_MS);
    const write = place
      .store()
      .write(staged, version)
      .catch((error: unknown) => error);
    await place.clock.advance(TURN_MS + 6_000);
    expect(await write).toMatchObject({ name: "StoreError", effect: "none", retry: "later" });
    expect(plain((await place.store().read()).slots)).toEqual(plain(first));
  });

  it("changes nothing when the queue's server gives no turns, and says which and why", async () => {
    const place = new TwoSecretsPlace();
    await place.put(first);
    const store = place.store();
    const { version } = await store.read();
    const why = "take a lease: Redis at 127.0.0.1:6379 did not answer: Command timed out";
    place.leases.take = () => Promise.reject(new QueueError(why, { effect: "unknown", retry: "later" }));
    await expect(store.write(staged, version)).rejects.toMatchObject({
      name: "StoreError",
      message: expect.stringContaining(
        `cannot be written, because the queue's server gave no turn (${why}): see that it runs; nothing has changed`,
      ),
      effect: "none",
      retry: "later",
    });
    expect(plain((await store.read()).slots)).toEqual(plain(first));
  });

  it("writes nothing more once its turn is over, though nobody has it any more", async () => {
    const place = new TwoSecretsPlace();
    await place.put(staged);
    const slow: Effects = async (_, run) => {
      run();
      await place.clock.advance(TURN_MS);
    };
    const store = place.store(slow);
    const { version } = await store.read();
    await expect(store.write(promoted, version)).rejects.toMatchObject({ effect: "none", retry: "later" });
    expect(plain((await place.store().read()).slots)).toEqual(plain(staged));
    expect(place.served).toBe(staged.active?.secret.reveal());
  });
});

describe("a writer that comes too late", () => {
  /** Stalls right before one effect of `late`, lets `soon` be written meanwhile, and goes on. */
  async function overtaken(effect: string, late: Slots, soon: Slots) {
    const place = new TwoSecretsPlace();
    await place.put(staged);
    const [stalled, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let stalls = true;
    const store = place.store(async (name, run) => {
      if (stalls && name === effect) {
        stalls = false;
        stalled.resolve();
        await go.promise;
      }
      run();
    });
    const outcome = store.write(late, (await store.read()).version).catch((error: unknown) => error);
    await stalled.promise;
    await place.clock.advance(TURN_MS + 1);
    await place.put(soon);
    go.resolve();
    return { place, outcome: await outcome };
  }

  it.each([
    { name: "stages again", soon: stage(staged, pending("third")) },
    { name: "promotes", soon: promoted },
    { name: "replaces the key", soon: replaced },
  ])("is passed over with its document when another one $name", async ({ soon }) => {
    for (const late of [stage(staged, pending("late")), promoted, { ...staged, pending: null }]) {
      const { place, outcome } = await overtaken("add to workbench", late, soon);
      expect(outcome).toBe("conflict");
      expect(plain((await place.store().read()).slots)).toEqual(plain(soon));
      expect(place.served).toBe(soon.active?.secret.reveal());
      await place.put(first);
      expect(plain((await place.store().read()).slots)).toEqual(plain(first));
    }
  });

  it("puts back for applications what another one gave them", async () => {
    const { place, outcome } = await overtaken("add to application", promoted, replaced);
    expect(outcome).toBe("conflict");
    expect(place.application.texts.at(-2)).toBe(promoted.active?.secret.reveal());
    expect(place.served).toBe(replaced.active?.secret.reveal());
    expect(plain((await place.store().read()).slots)).toEqual(plain(replaced));
  });

  it("has done no harm when both promote the same secret", async () => {
    const { place } = await overtaken("add to application", promoted, promoted);
    expect(plain((await place.store().read()).slots)).toEqual(plain(promoted));
    expect(place.served).toBe(promoted.active?.secret.reveal());
  });
});

describe("what follows a write", () => {
  const failing =
    (effect: string, error: Error): Effects =>
    async (name, run) => {
      if (name === effect) throw error;
      run();
    };
  const lacks = new StoreError("projects/p lacks the permission", { effect: "none", retry: "never" });

  it.each(["disable of application", "disable of workbench", "mark of application"])(
    "does not stop it: %s is made up for by the next write",
    async (effect) => {
      const place = new TwoSecretsPlace();
      await place.put(staged);
      const after = effect.startsWith("mark") ? promoted : { ...promoted, old: null };
      const store = place.store(failing(effect, lacks));
      await expect(store.write(after, (await store.read()).version)).rejects.toMatchObject({
        effect: "unknown",
        retry: "later",
        message: expect.stringContaining("lacks the permission"),
      });
      expect(plain((await place.store().read()).slots)).toEqual(plain(after));
      await place.put(after);
      expect(place.application.old).toBe(after.old && "1");
      if (!after.old) {
        expect([...place.application.disabled]).toEqual(["1"]);
        expect(place.workbench.disabled.size).toBe(place.workbench.texts.length - 1);
      }
    },
  );

  it("keeps every staged secret within reach until the rotation is over", async () => {
    const place = new TwoSecretsPlace();
    await place.put(first);
    for (const slots of [staged, stage(staged, pending("third")), promoted]) {
      await place.put(slots);
      expect([...place.application.disabled, ...place.workbench.disabled]).not.toContain("2");
    }
    const kept = place.workbench.texts.filter((_, index) => !place.workbench.disabled.has(String(index + 1)));
    for (const mark of ["second", "third"]) expect(kept.join()).toContain(mark);
  });
});
