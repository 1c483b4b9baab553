/** Events that no webhook brought. */
import { describe, expect, it } from "vitest";
import { PaddleError, QueueError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type Acceptance, catchUp, type CatchUpDeps } from "../../../src/reconcile/catch-up.ts";
import { createKey, warnExpiring } from "../../support/paddle-simulator/account/dashboard.ts";
import { DAY_MS, World } from "./world.ts";

const READS = ["notification.read"];

function setUp(permissions: readonly string[] = READS, readWith: string | null = null) {
  const world = new World();
  const reader = createKey(world.account, { permissions });
  const handled: string[] = [];
  const known = new Set<string>();
  const accept = async (body: unknown): Promise<Acceptance> => {
    const { event_id: id, event_type: type } = body as { event_id: string; event_type: string };
    handled.push(type);
    if (known.has(id)) return "known";
    known.add(id);
    return "missed";
  };
  const deps: CatchUpDeps = {
    ...world.ports,
    readers: [{ keyName: "billing", secret: new Secret(reader.current), permissions }],
    readWith,
    accept,
  };
  return {
    world,
    reader,
    handled,
    deps,
    run: (more: Partial<CatchUpDeps> = {}) => catchUp({ ...deps, ...more }),
  };
}

describe("catching up", () => {
  it("acts on the last 24 h when it runs for the first time, and calls none of that missed", async () => {
    const { world, reader, handled, run } = setUp();
    await world.clock.advance(DAY_MS + 60_000);
    warnExpiring(world.account, reader.id);
    await world.clock.advance(2 * 60_000);
    expect(await run()).toEqual({ read: 1, missed: 0 });
    expect(handled).toEqual(["api_key.expiring"]);
  });

  it("goes on after the last event seen, also after days, and counts what no webhook had brought", async () => {
    const { world, reader, handled, run } = setUp();
    await world.clock.advance(10 * 60_000);
    await run();
    handled.length = 0;
    await world.clock.advance(3 * DAY_MS);
    warnExpiring(world.account, reader.id);
    await world.clock.advance(10 * 60_000);
    expect(await run()).toEqual({ read: 1, missed: 1 });
    expect(handled).toEqual(["api_key.expiring"]);
    expect(await run()).toEqual({ read: 0, missed: 0 });
  });

  it("reads the events of the last 5 minutes again, because others may appear before them", async () => {
    const { world, reader, handled, run } = setUp();
    await world.clock.advance(DAY_MS);
    await run();
    handled.length = 0;
    warnExpiring(world.account, reader.id);
    await run();
    await world.clock.advance(4 * 60_000);
    await run();
    await world.clock.advance(60_000);
    await run();
    await run();
    expect(handled).toHaveLength(3);
  });

  it("reads page after page", async () => {
    const { world, reader, handled, run } = setUp();
    for (let count = 0; count < 450; count += 1) warnExpiring(world.account, reader.id);
    await world.clock.advance(10 * 60_000);
    await run();
    expect(handled).toHaveLength(451);
  });

  it("forgets no event that the queue did not take", async () => {
    const { world, handled, run } = setUp();
    await world.clock.advance(10 * 60_000);
    const down = () => Promise.reject(new QueueError("down", { effect: "none", retry: "later" }));
    await expect(run({ accept: down })).rejects.toThrow("down");
    await run();
    expect(handled).toEqual(["api_key.created"]);
  });

  it("begins anew when Paddle no longer knows the event that it was at", async () => {
    const { world, deps, handled, run } = setUp();
    await world.clock.advance(10 * 60_000);
    await run();
    const forgetful: CatchUpDeps["paddle"] = {
      listEvents: async (secret, options) => {
        if (options.after === null) return deps.paddle.listEvents(secret, options);
        throw new PaddleError("bad_request", {
          code: "bad_request",
          status: 400,
          effect: "none",
          retry: "never",
        });
      },
    };
    await run({ paddle: forgetful });
    expect(handled.length).toBeGreaterThan(1);
  });

  it("says once that no key may read events, and goes on without", async () => {
    const { world, run } = setUp(["transaction.read"]);
    expect(await run()).toEqual({ read: 0, missed: 0 });
    await run();
    expect(world.kinds).toEqual(["no-reader"]);
  });

  it("uses only the key that readWith names", async () => {
    const { handled, run } = setUp(READS, "reports");
    await run();
    expect(handled).toEqual([]);
  });

  it("takes the next key when Paddle forbids it to the first", async () => {
    const { world, deps, handled, run } = setUp();
    const blind = createKey(world.account, { permissions: [] });
    await run({
      readers: [{ keyName: "a", secret: new Secret(blind.current), permissions: READS }, ...deps.readers],
    });
    expect(handled).not.toEqual([]);
  });
});
