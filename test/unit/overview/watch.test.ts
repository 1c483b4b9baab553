/** The overview costs as much for many who look as for one, and nothing for nobody. */
import { describe, expect, it } from "vitest";
import { keyWith, NOW, OLD, PENDING, STANDBY, STEADY } from "../../support/admin/keys.ts";
import { alertOf, jobView, keepAlert, manyKeys, openPlace, WatchedStore } from "./place.ts";

const FACT = { at: "2026-11-21T12:00:00Z", says: "Paddle accepts the active secret." };

describe("an overview that many look at", () => {
  it("is gathered once for all who ask at the same time", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, jobs } = openPlace(keyWith(store));
    const seen = await Promise.all(Array.from({ length: 50 }, () => watch.latest()));
    expect(new Set(seen).size).toBe(1);
    expect([store.reads, jobs.reads]).toEqual([1, 1]);
  });

  it("is the same for whoever asks within a second, and gathered again after it", async () => {
    const { watch, jobs, clock } = openPlace();
    const first = await watch.latest();
    await clock.advance(999);
    expect(await watch.latest()).toBe(first);
    await clock.advance(1);
    expect(await watch.latest()).not.toBe(first);
    expect(jobs.reads).toBe(2);
  });

  it("asks nobody for anything while nobody looks", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, jobs, records, clock } = openPlace(keyWith(store));
    await clock.advance(3_600_000);
    expect([store.reads, jobs.reads, records.reads]).toEqual([0, 0, 0]);
    await watch.latest();
    const asked = records.reads;
    await clock.advance(3_600_000);
    expect([store.reads, jobs.reads, records.reads, clock.sleeping]).toEqual([1, 1, asked, 0]);
  });

  it("tells of 200 keys in the order of the configuration, reading at most 20 stores at once", async () => {
    const { keys, stores } = manyKeys(200);
    const { watch } = openPlace(...keys.toReversed());
    const { keys: shown, faults } = await watch.latest();
    expect(shown.map(({ view }) => view.name)).toEqual(keys.map(({ name }) => name).toReversed());
    expect(new Set(shown.map(({ view }) => view.state))).toEqual(new Set(["steady"]));
    expect(faults).toEqual([]);
    expect(stores.map(({ reads }) => reads)).toEqual(stores.map(() => 1));
    expect(stores[0]?.crowd.most).toBe(20);
  });
});

describe("a store", () => {
  it("is read again after 30 s, not sooner, while nothing happens", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, clock } = openPlace(keyWith(store));
    await watch.latest();
    for (let second = 1; second < 30; second++) {
      await clock.advance(1_000);
      await watch.latest();
    }
    expect(store.reads).toBe(1);
    await clock.advance(1_000);
    await watch.latest();
    expect(store.reads).toBe(2);
  });

  it.each([
    ["begins", jobView({ id: "evt_2" })],
    ["runs", jobView({ state: "running" })],
    ["notes a fact", jobView({ facts: { activeAsked: FACT } })],
    ["has run and waits again", jobView({ nextAt: NOW + 5_000 })],
    ["has failed once more", jobView({ attempts: 1 })],
    ["of its standby begins", jobView({ id: "evt_2", keyName: "billing-standby" })],
  ])("is read again when a job of its key %s", async (_what, job) => {
    const store = new WatchedStore(STEADY);
    const { watch, jobs, clock } = openPlace(keyWith(store));
    jobs.views = [jobView()];
    await watch.latest();
    jobs.views = [jobView(), job].slice(job.work.intent.id === "evt_1" ? 1 : 0);
    await clock.advance(1_000);
    await watch.latest();
    expect(store.reads).toBe(2);
  });

  it("is read again when the last job of its key has ended", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, jobs, clock } = openPlace(keyWith(store));
    jobs.views = [jobView()];
    await watch.latest();
    jobs.views = [];
    await clock.advance(1_000);
    await watch.latest();
    expect(store.reads).toBe(2);
  });

  it("is left alone when a job of another key comes further", async () => {
    const [billing, reports] = [new WatchedStore(STEADY), new WatchedStore(STEADY)];
    const { watch, jobs, clock } = openPlace(keyWith(billing), keyWith(reports, "reports"));
    await watch.latest();
    jobs.views = [jobView({ keyName: "reports" })];
    await clock.advance(1_000);
    await watch.latest();
    expect([billing.reads, reports.reads]).toEqual([1, 2]);
  });

  it("is read again at once after somebody changed its key, and only that one", async () => {
    const [billing, reports] = [new WatchedStore(STEADY), new WatchedStore(STEADY)];
    const { watch } = openPlace(keyWith(billing), keyWith(reports, "reports"));
    await watch.latest();
    await billing.holds({ ...STEADY, standby: STANDBY });
    watch.touch("billing");
    const { keys } = await watch.latest();
    expect(keys[0]?.standby.secret?.fingerprint).toBe(STANDBY.secret.fingerprint());
    expect([billing.reads, reports.reads]).toEqual([2, 1]);
  });
});

describe("the version", () => {
  it("stays while nothing that is shown changes, however often all is read again", async () => {
    const { watch, jobs, clock } = openPlace();
    jobs.views = [jobView({ state: "delayed", nextAt: NOW + 60_000 })];
    const { version } = await watch.latest();
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(60_000);
      expect((await watch.latest()).version).toBe(version);
    }
  });

  it.each<[string, (place: ReturnType<typeof openPlace>, store: WatchedStore) => unknown]>([
    ["a slot", (_place, store) => store.holds({ ...STEADY, pending: PENDING })],
    ["a job", ({ jobs }) => (jobs.views = [jobView()])],
    ["a job's progress", ({ jobs }) => (jobs.views = [jobView({ percent: 40 })])],
    ["an alert", (place) => keepAlert(place, alertOf("a"))],
    ["an alert about no key", (place) => keepAlert(place, alertOf("a", { keyName: null }))],
    ["what cannot be read", ({ jobs }) => (jobs.fault = new Error("no"))],
  ])("is another one when %s changes", async (_what, change) => {
    const store = new WatchedStore(STEADY);
    const place = openPlace(keyWith(store));
    const { version } = await place.watch.latest();
    await change(place, store);
    await place.clock.advance(30_000);
    expect((await place.watch.latest()).version).not.toBe(version);
  });

  it("is another one when the old secret's grace ends, without a read of the store", async () => {
    const store = new WatchedStore({ ...STEADY, old: { ...OLD, until: NOW + 5_000 } });
    const { watch, clock } = openPlace(keyWith(store));
    const before = await watch.latest();
    await clock.advance(4_999);
    expect((await watch.latest()).version).toBe(before.version);
    await clock.advance(1_000);
    const after = await watch.latest();
    expect(after.version).not.toBe(before.version);
    expect([before, after].map(({ keys }) => keys[0]?.view.state)).toEqual(["in-grace", "retiring"]);
    expect(store.reads).toBe(1);
  });
});
