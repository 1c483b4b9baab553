/** Sweeps that do not go well any more: which ones those are, and who says so. */
import { describe, expect, it } from "vitest";
import { PaddleError, QueueError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type ReconcileDeps, reconcile } from "../../../src/reconcile/reconcile.ts";
import { watchForSilence } from "../../../src/reconcile/silence-watch.ts";
import { FaultyStore } from "../../support/memory-store.ts";
import { DAY_MS, EVERY_MS, World } from "./world.ts";

const HOUR_MS = 60 * 60_000;

/** Two keys, the first in a store that can be broken, and Paddle, which can be kept from answering. */
function setUp() {
  const world = new World();
  const billing = world.manage("billing");
  const reports = world.manage("reports");
  const store = new FaultyStore(billing.store);
  const beats: string[] = [];
  const paddleFails = new Map<string, PaddleError>();
  const deps: ReconcileDeps = {
    ...world.ports,
    paddle: {
      ...world.paddle,
      ask: (keyId, secret) => {
        const error = paddleFails.get(keyId);
        return error ? Promise.reject(error) : world.paddle.ask(keyId, secret);
      },
    },
    keys: [{ ...billing.key, store }, reports.key],
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
      return { status: 200, body: null };
    },
  };
  const sweepsFor = async (ms: number) => {
    for (const end = world.clock.now() + ms; world.clock.now() < end; await world.clock.advance(EVERY_MS))
      await reconcile(deps);
  };
  const told = (kind: string) => [...world.raised.values()].filter((alert) => alert.kind === kind);
  const ids = [billing.keyId, reports.keyId] as const;
  return { world, store, ids, deps, beats, paddleFails, sweepsFor, told, run: () => reconcile(deps) };
}

function paddleError(retry: "later" | "never"): PaddleError {
  return new PaddleError("Paddle answered oddly", { code: "odd", status: 500, effect: "none", retry });
}

describe("a sweep goes well", () => {
  it("although one key's store is broken, which is told once for each change", async () => {
    const { store, beats, told, run } = setUp();
    for (let sweeps = 0; sweeps < 3; sweeps += 1) {
      store.failNext("read");
      await run();
    }
    expect(beats).toHaveLength(3);
    expect(told("key-unchecked")).toMatchObject([
      { severity: "warning", keyName: "billing", happened: expect.stringContaining("failed on order: read") },
    ]);
    await run();
    await run();
    expect(told("key-checked")).toHaveLength(1);
    store.failNext("read");
    await run();
    expect(told("key-unchecked")).toHaveLength(2);
    const incidents = [...told("key-unchecked"), ...told("key-checked")].map(({ incident }) => incident);
    expect(incidents).toEqual(
      ["open", "open", "over"].map((state) => ({ id: "key-unchecked-billing", state })),
    );
  });

  it("although Paddle will never answer about one key", async () => {
    const { paddleFails, ids, beats, told, run } = setUp();
    paddleFails.set(ids[0], paddleError("never"));
    await run();
    expect(beats).toHaveLength(1);
    expect(told("key-unchecked")).toHaveLength(1);
  });

  it("without a word where nothing was wrong before", async () => {
    const { run, told } = setUp();
    await run();
    expect([...told("key-checked"), ...told("key-unchecked"), ...told("sweeps-work")]).toEqual([]);
  });
});

describe("a sweep does not go well", () => {
  it("where Paddle answers about no key", async () => {
    const { paddleFails, ids, beats, run } = setUp();
    for (const id of ids) paddleFails.set(id, paddleError("never"));
    await run();
    expect(beats).toEqual([]);
  });

  it("where Paddle does not answer about one key, and may do so later", async () => {
    const { paddleFails, ids, beats, told, run } = setUp();
    paddleFails.set(ids[0], paddleError("later"));
    await run();
    expect(beats).toEqual([]);
    expect(told("key-unchecked")).toEqual([]);
  });

  it("where no store at all can be read: then nothing was looked at", async () => {
    const { store, deps, beats } = setUp();
    store.failNext("read");
    await reconcile({ ...deps, keys: deps.keys.slice(0, 1) });
    expect(beats).toEqual([]);
  });

  it("where the queue does not take what is due", async () => {
    const { world, deps, beats } = setUp();
    const due = world.manage("due", { expiresAt: world.clock.now() + DAY_MS });
    const put = () => Promise.reject(new QueueError("down", { effect: "none", retry: "later" }));
    const queue = { put, isUnfinished: async () => false };
    await reconcile({ ...deps, queue, keys: [...deps.keys, due.key] });
    expect(beats).toEqual([]);
  });
});

describe("a silence", () => {
  it("of failing sweeps is told of once, with the reason, and called off by the first good one", async () => {
    const { paddleFails, ids, sweepsFor, told, run } = setUp();
    await run();
    paddleFails.set(ids[0], paddleError("later"));
    await sweepsFor(3 * DAY_MS);
    expect(told("sweeps-fail")).toMatchObject([
      { severity: "critical", happened: expect.stringContaining("Paddle answered oddly") },
    ]);
    expect(told("sweeps-work")).toEqual([]);
    paddleFails.clear();
    await run();
    await run();
    const [alarm] = told("sweeps-fail");
    expect(told("sweeps-work")).toMatchObject([
      { severity: "info", incident: { id: alarm?.id, state: "over" } },
    ]);
  });

  it("that comes back is told of again", async () => {
    const { paddleFails, ids, sweepsFor, told, run } = setUp();
    for (let silences = 1; silences <= 2; silences += 1) {
      await run();
      paddleFails.set(ids[0], paddleError("later"));
      await sweepsFor(2 * DAY_MS);
      paddleFails.clear();
      expect(told("sweeps-fail")).toHaveLength(silences);
    }
  });

  it("is none while sweeps go well, however short a silence is minded", async () => {
    const { world, deps, told } = setUp();
    const settings = { ...deps.settings, silenceMs: HOUR_MS };
    await using _ = watchForSilence({ ...world.ports, ...settings, everyMs: EVERY_MS });
    for (let sweeps = 0; sweeps < 200; sweeps += 1) {
      await reconcile({ ...deps, settings });
      await world.clock.advance(EVERY_MS);
    }
    expect(told("sweeps-fail")).toEqual([]);
  });
});

describe("a failed sweep", () => {
  it("is no silence a quarter of an hour after a good one, where an hour of it is minded", async () => {
    const { world, deps, paddleFails, ids, told } = setUp();
    const settings = { ...deps.settings, silenceMs: HOUR_MS };
    for (let sweeps = 0; sweeps < 4; sweeps += 1) {
      await reconcile({ ...deps, settings });
      await world.clock.advance(EVERY_MS + 1_000);
    }
    paddleFails.set(ids[0], paddleError("later"));
    await reconcile({ ...deps, settings });
    expect(told("sweeps-fail")).toEqual([]);
  });
});

describe("the watch beside the sweeps", () => {
  const watched = () => {
    const set = setUp();
    const watch = () => watchForSilence({ ...set.world.ports, everyMs: EVERY_MS, silenceMs: DAY_MS });
    return { ...set, watch };
  };

  it("says once that no sweep has ended for too long, when none is made any more", async () => {
    const { world, run, told, watch } = watched();
    await run();
    await using _ = watch();
    await world.clock.advance(DAY_MS + EVERY_MS);
    expect(told("sweeps-fail")).toEqual([]);
    await world.clock.advance(2 * DAY_MS);
    expect(told("sweeps-fail")).toMatchObject([
      { severity: "critical", happened: expect.stringContaining("they hang, or none is begun") },
    ]);
    await run();
    expect(told("sweeps-work")).toHaveLength(1);
  });

  it("says so also where no sweep ever went well, from the start of the service on", async () => {
    const { world, run, told, watch } = watched();
    await using _ = watch();
    await world.clock.advance(DAY_MS + 2 * EVERY_MS);
    expect(told("sweeps-fail")).toHaveLength(1);
    await run();
    expect(told("sweeps-work")).toHaveLength(1);
  });

  it("gives the first sweep its time after a service that stood still for days", async () => {
    const { world, run, told, watch } = watched();
    await run();
    await world.clock.advance(3 * DAY_MS);
    await using _ = watch();
    await world.clock.advance(EVERY_MS - 1);
    await run();
    await world.clock.advance(DAY_MS);
    expect(told("sweeps-fail")).toEqual([]);
  });

  it("leaves the word to sweeps that fail and say why", async () => {
    const { paddleFails, ids, run, sweepsFor, told, watch } = watched();
    await run();
    await using _ = watch();
    paddleFails.set(ids[0], paddleError("later"));
    await sweepsFor(2 * DAY_MS);
    expect(told("sweeps-fail")).toMatchObject([
      { happened: expect.stringContaining("Paddle answered oddly") },
    ]);
  });

  it("says in the log that it can tell nobody, and goes on", async () => {
    const { world, run, told } = watched();
    await run();
    let isDown = true;
    const list: typeof world.records.list = (...given) =>
      isDown
        ? Promise.reject(new QueueError("the records are down", { effect: "none", retry: "later" }))
        : world.records.list(...given);
    const ports = { ...world.ports, records: { ...world.records, list } };
    await using _ = watchForSilence({ ...ports, everyMs: EVERY_MS, silenceMs: DAY_MS });
    await world.clock.advance(2 * DAY_MS);
    expect(world.captured.text()).toContain("the records are down");
    isDown = false;
    await world.clock.advance(EVERY_MS);
    expect(told("sweeps-fail")).toHaveLength(1);
  });

  it("ends with the service", async () => {
    const { world, watch } = watched();
    await watch()[Symbol.asyncDispose]();
    expect(world.clock.sleeping).toBe(0);
  });
});
