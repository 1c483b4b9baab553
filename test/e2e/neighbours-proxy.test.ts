/** The proxy of the scenarios does to a connection what each fault is called: else they would prove nothing. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { type FaultProxy, startFaultProxy } from "../support/faults/fault-proxy.ts";
import { until } from "../support/until.ts";

/** Says back what it is told, and remembers it. */
async function openEcho() {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      heard.push(String(chunk));
      socket.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const proxy = await startFaultProxy(address.port);
  return {
    heard,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      server.close();
    },
  };
}

async function dial(proxy: FaultProxy) {
  const socket: Socket = connect(proxy.port, "127.0.0.1");
  const said: string[] = [];
  let end: string | null = null;
  socket.on("data", (chunk) => said.push(String(chunk)));
  socket.on("error", (error: Error & { code?: string }) => (end = error.code ?? error.name));
  socket.on("close", () => (end ??= "closed"));
  await once(socket, "connect").catch(() => {});
  return { socket, said, end: () => end };
}

/** A connection that works, and whose every answer was heard. */
async function dialled(proxy: FaultProxy) {
  const client = await dial(proxy);
  client.socket.write("hello ");
  await until("the answer", () => client.said.join("") === "hello ");
  return client;
}

it.concurrent("latency: every answer comes two seconds late", async () => {
  await using echo = await openEcho();
  const client = await dialled(echo.proxy);
  echo.proxy.strike("latency");
  const askedAt = performance.now();
  client.socket.write("late");
  await until("the answer", () => client.said.join("").endsWith("late"));
  expect(performance.now() - askedAt).toBeGreaterThan(1_990);
});

it.concurrent(
  "black hole: connections of that time stay open and carry nothing, also afterwards",
  async () => {
    await using echo = await openEcho();
    const old = await dialled(echo.proxy);
    echo.proxy.strike("black hole");
    old.socket.write("gone");
    const amid = await dial(echo.proxy);
    amid.socket.write("gone");
    echo.proxy.heal();
    old.socket.write("gone");
    const fresh = await dialled(echo.proxy);
    fresh.socket.write("again");
    await until("the answer", () => fresh.said.join("").endsWith("again"));
    expect([old.said.join(""), amid.said, echo.heard]).toEqual(["hello ", [], ["hello ", "hello ", "again"]]);
    expect([old.end(), amid.end()]).toEqual([null, null]);
  },
);

it.concurrent("reset: connections are cut, also new ones, until it is over", async () => {
  await using echo = await openEcho();
  const old = await dialled(echo.proxy);
  echo.proxy.strike("reset");
  const amid = await dial(echo.proxy);
  await until("both are cut", () => old.end() === "ECONNRESET" && amid.end() !== null);
  echo.proxy.heal();
  await dialled(echo.proxy);
});

it.concurrent("half-open: nothing is heard or answered, and all of it when it is over", async () => {
  await using echo = await openEcho();
  const old = await dialled(echo.proxy);
  echo.proxy.strike("half-open");
  old.socket.write("held");
  const amid = await dial(echo.proxy);
  // Nobody waits for the answer any more.
  amid.socket.end("left");
  await until("it is sent", () => amid.socket.writableFinished);
  expect(echo.heard).toEqual(["hello "]);
  echo.proxy.heal();
  await until("the answer", () => old.said.join("") === "hello held");
  await until("what was left is heard", () => echo.heard.includes("left"));
});

it.concurrent(
  "answer lost: what is asked is heard, and the connection is cut before the answer",
  async () => {
    await using echo = await openEcho();
    const old = await dialled(echo.proxy);
    echo.proxy.strike("answer lost", { answersSpared: 1 });
    old.socket.write("spared");
    await until("the answer", () => old.said.join("").endsWith("spared"));
    old.socket.write("done");
    await until("it is cut", () => old.end() === "ECONNRESET");
    expect(echo.heard.at(-1)).toBe("done");
    expect(old.said.join("")).not.toContain("done");
  },
);

it.concurrent(
  "trickle: answers come one byte in a tenth of a second, and at once when it is over",
  async () => {
    await using echo = await openEcho();
    const client = await dialled(echo.proxy);
    echo.proxy.strike("trickle");
    const askedAt = performance.now();
    client.socket.write("abc");
    await until("the answer", () => client.said.join("").endsWith("abc"));
    expect(performance.now() - askedAt).toBeGreaterThan(290);
    client.socket.write("x".repeat(600));
    await until("it begins", () => client.said.join("").endsWith("x"));
    echo.proxy.heal();
    await until("the rest", () => client.said.join("").length === 609, 5_000);
  },
);
