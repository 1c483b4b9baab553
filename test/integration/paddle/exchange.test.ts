/** What is sent, and what is not, when something happens while a connection is being made. */
import { connect } from "node:net";
import { Agent, type buildConnector } from "undici";
import { describe, expect, it } from "vitest";
import { exchange, type Outgoing } from "../../../src/paddle/exchange.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/until.ts";
import { json, startWireServer, type WireServer } from "./wire-server.ts";

const rules = { timeoutMs: 10_000, mayStart: () => true, onRateLimit: () => {} };

describe("a request that waits for its connection", () => {
  it("is provably not sent when its deadline passes, and is not sent when the connection comes after all", async () => {
    await using world = await openWorld();
    const result = exchange(world.agent, world.clock, world.outgoing, rules);
    await until("connecting", world.connecting);
    await world.clock.advance(9_999);
    await world.clock.advance(1);
    expect(await result).toEqual({
      kind: "failed",
      sent: false,
      reset: false,
      fault: "DEADLINE",
      tookMs: 10_000,
    });
    world.letConnect();
    await world.agent.close();
    expect(world.server.connections()).toBe(1);
    expect(world.server.seen).toHaveLength(0);
  });

  it("is not sent if it may not be when the connection comes", async () => {
    await using world = await openWorld();
    let mayStart = true;
    const result = exchange(world.agent, world.clock, world.outgoing, { ...rules, mayStart: () => mayStart });
    await until("connecting", world.connecting);
    mayStart = false;
    world.letConnect();
    expect(await result).toEqual({ kind: "held" });
    await world.agent.close();
    expect(world.server.connections()).toBe(1);
    expect(world.server.seen).toHaveLength(0);
    expect(world.clock.sleeping).toBe(0);
  });

  it("is sent once it has the connection, and then its deadline waits for nothing", async () => {
    await using world = await openWorld();
    const result = exchange(world.agent, world.clock, world.outgoing, rules);
    await until("connecting", world.connecting);
    await world.clock.advance(9_999);
    world.letConnect();
    expect(await result).toEqual({ kind: "answered", status: 200, body: '"ok"', tookMs: 9_999 });
    expect(world.server.seen).toHaveLength(1);
    expect(world.clock.sleeping).toBe(0);
  });
});

type World = AsyncDisposable & {
  readonly server: WireServer;
  readonly agent: Agent;
  readonly clock: FakeClock;
  readonly outgoing: Outgoing;
  readonly connecting: () => boolean;
  readonly letConnect: () => void;
};

/** A server whose connections are made when the test says so. */
async function openWorld(): Promise<World> {
  const server = await startWireServer(json("ok"));
  const waiting: (() => void)[] = [];
  const connector: buildConnector.connector = ({ port }, callback) => {
    waiting.push(() => {
      const socket = connect(Number(port), "127.0.0.1", () => callback(null, socket));
    });
  };
  const agent = new Agent({ connect: connector, connections: 1 });
  return {
    server,
    agent,
    clock: new FakeClock(0),
    outgoing: { origin: server.url.origin, path: "/", method: "POST", headers: {}, body: "{}" },
    connecting: () => waiting.length > 0,
    letConnect: () => waiting.splice(0).forEach((letOne) => letOne()),
    async [Symbol.asyncDispose]() {
      await agent.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}
