/** What cannot be read stays as it was, is said, and holds up nobody for long. */
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import type { Overview } from "../../../src/overview/overview.ts";
import { KEY_ID, keyWith, NOW, PENDING, STANDBY, STEADY, UNREADABLE } from "../../support/admin/keys.ts";
import {
  alertOf,
  jobView,
  keepAlert,
  manyKeys,
  openPlace,
  type Place,
  SILENT,
  WatchedStore,
} from "./place.ts";

const REFUSED = new StoreError("./secrets/billing.env cannot be read: chmod 600 it", {
  effect: "none",
  retry: "later",
});
const SEEN = { at: NOW, status: "active", rotatable: true, expiresAt: NOW + 86_400_000, exposedAt: null };

const states = ({ keys }: Overview) => keys.map(({ view }) => view.state);

/** What is known `ms` later, for whoever has looked every second since. */
async function lookFor(ms: number, { watch, clock }: Place): Promise<Overview> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    void watch.latest();
    await clock.advance(1_000);
  }
  const latest = watch.latest();
  await clock.advance(3_000);
  return latest;
}

describe("a store that cannot be read", () => {
  it("is said of its key, with the fix, and leaves the others as they are", async () => {
    const { watch } = openPlace(keyWith(UNREADABLE), keyWith(STEADY, "reports"));
    const overview = await watch.latest();
    expect(states(overview)).toEqual(["store-unreachable", "steady"]);
    expect(overview.keys[0]?.view.explanation).toBe(REFUSED.message);
    expect(overview.faults).toEqual([`billing: ${REFUSED.message}`]);
  });

  it("leaves what Paddle said of its key last, so that the expiry stays in sight", async () => {
    const store = new WatchedStore(STEADY);
    const place = openPlace(keyWith(store));
    await place.records.append(`seen-key-${KEY_ID}`, SEEN);
    await place.watch.latest();
    store.fault = REFUSED;
    expect((await lookFor(65_000, place)).keys[0]).toMatchObject({
      view: { state: "store-unreachable" },
      paddle: SEEN,
    });
  });

  it("is shown again within 30 s of its recovery", async () => {
    const store = new WatchedStore(STEADY);
    const place = openPlace(keyWith(store));
    store.fault = REFUSED;
    await place.watch.latest();
    store.fault = null;
    const overview = await lookFor(30_000, place);
    expect(states(overview)).toEqual(["steady"]);
    expect(overview.faults).toEqual([]);
  });

  it("is not quoted where its error is other people's", async () => {
    const store = new WatchedStore(STEADY);
    store.fault = new Error("401 for Bearer CaNaRy");
    const { watch } = openPlace(keyWith(store));
    expect(JSON.stringify(await watch.latest())).not.toContain("CaNaRy");
  });

  it("does not make its standby look absent where that lies elsewhere", async () => {
    const key = { ...keyWith(STEADY), standbyStore: keyWith(UNREADABLE).store };
    const { watch } = openPlace(key);
    const { keys, faults } = await watch.latest();
    expect(keys[0]?.view.state).toBe("steady");
    expect(keys[0]?.standby).toMatchObject({
      secret: null,
      fault: `cannot be looked at: ${REFUSED.message}`,
    });
    expect(faults).toEqual([`billing: ${REFUSED.message}`]);
  });
});

describe("a store that does not answer", () => {
  it("is given 3 s, and then the others are shown without it", async () => {
    const silent = new WatchedStore(STEADY);
    silent.gate = SILENT;
    const { watch, clock } = openPlace(keyWith(silent), keyWith(STEADY, "reports"));
    let overview: Overview | null = null;
    void watch.latest().then((latest) => (overview = latest));
    await clock.advance(2_999);
    expect(overview).toBeNull();
    await clock.advance(1);
    expect(overview).toMatchObject({
      keys: [{ view: { state: "store-unreachable" } }, { view: { state: "steady" } }],
      faults: ["billing: ./secrets/billing.env did not answer within 3 s"],
    });
  });

  it("is waited for once in 30 s only", async () => {
    const silent = new WatchedStore(STEADY);
    silent.gate = SILENT;
    const place = openPlace(keyWith(silent));
    await lookFor(29_000, place);
    expect(silent.reads).toBe(1);
  });

  it("keeps a hundred such from hiding what comes after them for more than a moment", async () => {
    const { keys, stores } = manyKeys(101);
    for (const store of stores.slice(0, 100)) store.gate = SILENT;
    const place = openPlace(...keys);
    const first = place.watch.latest();
    await place.clock.advance(3_000);
    expect((await first).keys).toHaveLength(101);
    // Five turns of 20 come before it.
    const overview = await lookFor(16_000, place);
    expect(overview.keys.at(-1)?.view.state).toBe("steady");
  });

  it("leaves what was known of the key in place until it is known to be silent", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, clock } = openPlace(keyWith(store));
    await watch.latest();
    store.gate = SILENT;
    watch.touch("billing");
    const latest = watch.latest();
    await clock.advance(3_000);
    expect(states(await latest)).toEqual(["store-unreachable"]);
  });
});

describe("records that are down", () => {
  async function known(): Promise<Place & { store: WatchedStore }> {
    const store = new WatchedStore(STEADY);
    const place = openPlace(keyWith(store));
    await place.records.append(`seen-key-${KEY_ID}`, SEEN);
    await keepAlert(place, alertOf("a", { incident: { id: "a", state: "open" } }));
    await place.watch.latest();
    return { ...place, store };
  }

  it("leave what was known of the key, its alerts and incidents, and are said once", async () => {
    const place = await known();
    const before = await place.watch.latest();
    place.records.state = "down";
    const after = await lookFor(90_000, place);
    expect(after.faults).toEqual(["the records are down"]);
    expect(after.keys).toEqual(before.keys);
    expect(after.keys[0]).toMatchObject({ paddle: SEEN, incidents: [{ alert: { id: "a" } }] });
  });

  it("cost no more reads of the stores than records that are up", async () => {
    const place = await known();
    place.records.state = "down";
    await lookFor(90_000, place);
    expect(place.store.reads).toBe(4);
  });

  it("show what the stores hold all the same", async () => {
    const place = await known();
    place.records.state = "down";
    await place.store.holds({ ...STEADY, pending: PENDING });
    expect(states(await lookFor(31_000, place))).toEqual(["pending"]);
  });

  it("tell nothing of a secret that they knew nothing of", async () => {
    const place = await known();
    place.records.state = "down";
    await place.store.holds({ ...STEADY, active: STANDBY });
    expect((await lookFor(31_000, place)).keys[0]).toMatchObject({ paddle: null, due: null });
  });

  it("are read again within a second of their recovery", async () => {
    const place = openPlace(keyWith(new WatchedStore(STEADY)));
    await place.records.append(`seen-key-${KEY_ID}`, SEEN);
    place.records.state = "down";
    await lookFor(5_000, place);
    place.records.state = "up";
    await place.clock.advance(1_000);
    const { keys, faults } = await place.watch.latest();
    expect(keys[0]?.paddle).toEqual(SEEN);
    expect(faults).toEqual([]);
  });

  it("hold up nobody for more than 3 s where they hang", async () => {
    const place = await known();
    place.records.state = "silent";
    await place.clock.advance(1_000);
    let overview: Overview | null = null;
    void place.watch.latest().then((latest) => (overview = latest));
    await place.clock.advance(3_000);
    expect(overview).toMatchObject({
      keys: [{ paddle: SEEN }],
      faults: ["the records did not answer within 3 s"],
    });
  });
});

describe("records that hang from the start", () => {
  it("are waited for once, not once more for each key", async () => {
    const { keys } = manyKeys(50);
    const { watch, clock, records } = openPlace(...keys);
    records.state = "silent";
    let overview: Overview | null = null;
    void watch.latest().then((latest) => (overview = latest));
    await clock.advance(3_000);
    expect(overview).toMatchObject({ keys: keys.map(() => ({ view: { state: "steady" } })) });
    expect(records.reads).toBeLessThan(keys.length);
  });
});

describe("a queue that is down", () => {
  it("leaves the jobs as they were, and the rest goes on", async () => {
    const store = new WatchedStore(STEADY);
    const { watch, jobs, clock } = openPlace(keyWith(store));
    jobs.views = [jobView()];
    await watch.latest();
    jobs.fault = REFUSED;
    await store.holds({ ...STEADY, pending: PENDING });
    await clock.advance(30_000);
    const { keys, faults } = await watch.latest();
    expect(keys[0]).toMatchObject({
      view: { state: "pending" },
      jobs: [{ work: { intent: { id: "evt_1" } } }],
    });
    expect(faults).toEqual([REFUSED.message]);
  });

  it("is given 3 s", async () => {
    const { watch, jobs, clock } = openPlace();
    jobs.gate = SILENT;
    const latest = watch.latest();
    await clock.advance(3_000);
    expect(await latest).toMatchObject({
      keys: [{ view: { state: "steady" } }],
      faults: ["the queue did not answer within 3 s"],
    });
  });
});
