/** A change that somebody makes while others look is seen by whoever asks after it. */
import { describe, expect, it } from "vitest";
import type { Overview } from "../../../src/overview/overview.ts";
import { keyWith, NOW, PENDING, STEADY } from "../../support/admin/keys.ts";
import { jobView, openPlace, WatchedStore } from "./place.ts";

const PENDING_SLOTS = { ...STEADY, pending: PENDING };
const stateOf = ({ keys }: Overview) => keys[0]?.view.state;

describe("a change while somebody looks", () => {
  it("is seen by who asks after it, although an older look is still under way", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, clock } = openPlace(keyWith(store));
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    const before = watch.latest();
    await clock.advance(0);
    expect(store.reads).toBe(1);
    await store.holds(PENDING_SLOTS);
    store.gate = Promise.resolve();
    watch.touch("billing");
    expect(stateOf(await watch.latest())).toBe("pending");
    gate.resolve();
    await before;
    expect(stateOf(await watch.latest())).toBe("pending");
    await clock.advance(1_000);
    expect(stateOf(await watch.latest())).toBe("pending");
    expect(store.reads).toBe(2);
  });

  it("is not hidden by an older look that ends later than the newer one began", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, clock } = openPlace(keyWith(store));
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    store.gate = first.promise;
    const before = watch.latest();
    await clock.advance(0);
    await store.holds(PENDING_SLOTS);
    store.gate = second.promise;
    watch.touch("billing");
    const after = watch.latest();
    await clock.advance(0);
    first.resolve();
    await clock.advance(0);
    second.resolve();
    expect(stateOf(await after)).toBe("pending");
    await before;
    expect(stateOf(await watch.latest())).toBe("pending");
  });

  it("does not make the key look unreachable to who asked before", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, clock, jobs } = openPlace(keyWith(store));
    await watch.latest();
    await clock.advance(1_000);
    const gate = Promise.withResolvers<void>();
    jobs.gate = gate.promise;
    const before = watch.latest();
    watch.touch("billing");
    gate.resolve();
    expect(stateOf(await before)).toBe("steady");
  });

  it("shows the job that the change has begun", async () => {
    const { watch, jobs, clock } = openPlace();
    const gate = Promise.withResolvers<void>();
    jobs.gate = gate.promise;
    const before = watch.latest();
    await clock.advance(0);
    jobs.views = [jobView()];
    jobs.gate = Promise.resolve();
    watch.touch("billing");
    expect((await watch.latest()).keys[0]?.jobs).toHaveLength(1);
    gate.resolve();
    await before;
    expect((await watch.latest()).keys[0]?.jobs).toHaveLength(1);
  });
});

describe("a clock that is set back", () => {
  it("freezes nothing", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, jobs, clock } = openPlace(keyWith(store));
    let now = NOW;
    clock.now = () => now;
    await watch.latest();
    await store.holds(PENDING_SLOTS);
    now -= 3_600_000;
    expect(stateOf(await watch.latest())).toBe("pending");
    expect(jobs.reads).toBe(2);
  });
});
