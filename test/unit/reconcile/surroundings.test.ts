/** Our destination, silence, heartbeats, turns, and the sweep from end to end. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { destinationFault } from "../../../src/reconcile/destination.ts";
import { KEY_EVENT_TYPES } from "../../../src/core/key-events.ts";
import { type ReconcileDeps, reconcile } from "../../../src/reconcile/reconcile.ts";
import { isDaysTurn, takeTurn } from "../../../src/reconcile/turns.ts";
import { FaultyStore } from "../../support/memory-store.ts";
import { DAY_MS, EVERY_MS, World } from "./world.ts";

const HERE = "https://keys.example.com/webhooks/paddle";
const destination = (given: object = {}) => ({
  id: "ntfset_1",
  url: HERE,
  active: true,
  subscribedEvents: KEY_EVENT_TYPES,
  ...given,
});

describe("our notification destination", () => {
  it.each([
    ["is in order", [destination()], null, null],
    ["is switched off", [destination({ active: false })], null, { is: "inactive" }],
    ["is not there", [destination({ url: "https://example.com/hooks" })], null, { is: "missing" }],
    ["lies elsewhere", [destination()], "https://other.example.com", { is: "missing" }],
    ["is told by its address", [destination({ url: "https://k.example/p" })], "https://k.example/p/", null],
    ["is told by its host", [destination()], "https://keys.example.com", null],
    [
      "lacks the rotation events",
      [destination({ subscribedEvents: KEY_EVENT_TYPES.slice(0, 6) })],
      null,
      { is: "unsubscribed", events: ["api_key_rotation.created", "api_key_rotation.updated"] },
    ],
    ["is being exchanged", [destination({ active: false }), destination()], null, null],
  ])("%s", (_what, destinations, publicUrl, fault) => {
    expect(destinationFault(destinations, publicUrl)).toEqual(fault);
  });
});

describe("turns", () => {
  it("come to every key, however many there are", () => {
    const keys = Array.from({ length: 1000 }, (_, index) => index);
    const seen = new Set<number>();
    for (let sweep = 0; sweep < 4; sweep += 1)
      for (const key of takeTurn(keys, 300, sweep * EVERY_MS, EVERY_MS)) seen.add(key);
    expect(seen.size).toBe(1000);
  });

  it("come once a day to each id", () => {
    const turns = Array.from({ length: 96 }, (_, sweep) =>
      isDaysTurn("apikey_1", sweep * EVERY_MS, EVERY_MS),
    );
    expect(turns.filter(Boolean)).toHaveLength(1);
    expect(isDaysTurn("apikey_1", 0, DAY_MS)).toBe(true);
  });
});

function setUp(permissions: string[] = []) {
  const world = new World();
  const managed = world.manage("billing", { permissions });
  const beats: string[] = [];
  const answer = { status: 200, body: null };
  const store = new FaultyStore(managed.store);
  const deps: ReconcileDeps = {
    ...world.ports,
    keys: [{ ...managed.key, store }],
    settings: {
      everyMs: EVERY_MS,
      silenceMs: DAY_MS,
      heartbeat: new Secret("https://hc.example/s3cret"),
      readWith: null,
      publicUrl: null,
    },
    accept: async () => "missed",
    get: async (url) => {
      beats.push(url);
      return answer;
    },
  };
  return { world, store, beats, answer, deps, run: () => reconcile(deps) };
}

describe("a sweep from end to end", () => {
  it("beats once when all went well, and not when something did not", async () => {
    const { store, beats, run } = setUp();
    await run();
    expect(beats).toHaveLength(1);
    store.failNext("read");
    await run();
    expect(beats).toHaveLength(1);
  });

  it("tells nobody the heartbeat's address, and minds nothing that is wrong with it", async () => {
    const { world, answer, deps, run } = setUp();
    answer.status = 500;
    await run();
    await reconcile({
      ...deps,
      get: () => Promise.reject(new Error("getaddrinfo https://hc.example/s3cret")),
    });
    expect(world.captured.lines.filter(({ level }) => level === 40)).toHaveLength(2);
    expect(world.captured.text()).not.toContain("s3cret");
  });

  it("alerts once when no sweep went well for longer than the silence, and names what is wrong", async () => {
    const { world, store, run } = setUp();
    await run();
    await world.clock.advance(DAY_MS);
    store.failNext("read");
    await run();
    expect(world.kinds).not.toContain("sweeps-fail");
    await world.clock.advance(1);
    store.failNext("read");
    await run();
    const [alert] = [...world.raised.values()].filter(({ kind }) => kind === "sweeps-fail");
    expect(alert?.happened).toContain("billing could not be checked: the store failed on order: read");
  });

  it("warns when events came that no webhook had brought, and when no destination leads here", async () => {
    const { world, run } = setUp(["notification.read", "notification_setting.read"]);
    await run();
    expect(world.kinds).toEqual(["destination-unfit"]);
    world.manage("another");
    await world.clock.advance(10 * 60_000);
    await run();
    expect(world.kinds).toEqual(["destination-unfit", "webhooks-missed"]);
  });

  it("stops between two keys when the service stops, and claims nothing", async () => {
    const { world, beats, deps } = setUp();
    await reconcile(deps, AbortSignal.abort());
    expect(beats).toEqual([]);
    expect(world.kinds).toEqual([]);
  });
});
