/** Stands between a client and a server of the loopback, and does to their connections what networks and hung servers do. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Lane } from "./lane.ts";

export const FAULTS = [
  /** Every answer comes two seconds late. */
  "latency",
  /** What is sent either way is gone, for ever on connections of that time, and no end of one is heard of. */
  "black hole",
  /** Connections are cut, also new ones. */
  "reset",
  /** The server hangs: connections are taken, nothing is answered, and what was sent is done when it goes on. */
  "half-open",
  /** Requests are delivered, and the connection is cut before the answer. */
  "answer lost",
  /** Answers come one byte in a tenth of a second. */
  "trickle",
] as const;

export type Fault = (typeof FAULTS)[number];

export type FaultProxy = AsyncDisposable & {
  readonly port: number;
  /** @param answersSpared of each connection before `answer lost` cuts it: what a protocol says before it is of use */
  strike(fault: Fault, options?: { readonly answersSpared?: number }): void;
  heal(): void;
};

const LATE_MS = 2_000;
const BYTE_MS = 100;

type State = { fault: Fault | null; spared: number };

export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const state: State = { fault: null, spared: 0 };
  const links = new Set<Link>();
  // A side that says its last word may still listen, and what is under way to it may still come.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (state.fault === "reset") return void client.on("error", () => {}).resetAndDestroy();
    const link = new Link(client, targetPort, state, () => links.delete(link));
    links.add(link);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    strike(fault, { answersSpared = 0 } = {}) {
      Object.assign(state, { fault, spared: answersSpared });
      for (const link of links) link.meet(fault);
    },
    heal() {
      state.fault = null;
      for (const link of links) link.heal();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const link of links) link.cut();
      await once(server, "close");
    },
  };
}

class Link {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #state: State;
  readonly #gone: () => void;
  readonly #there: Lane;
  readonly #back: Lane;
  #answers = 0;
  #isSwallowed = false;

  constructor(client: Socket, targetPort: number, state: State, gone: () => void) {
    this.#client = client;
    this.#state = state;
    this.#gone = gone;
    this.#target = connect({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true });
    this.#there = new Lane(this.#target);
    this.#back = new Lane(client);
    if (state.fault !== null) this.meet(state.fault);
    client.on("data", (chunk) => this.#ask(bytesOf(chunk)));
    this.#target.on("data", (chunk) => this.#answer(bytesOf(chunk)));
    this.#couple(client, this.#there);
    this.#couple(this.#target, this.#back);
  }

  /** The fault begins, or was there when the connection was made. */
  meet(fault: Fault): void {
    this.#answers = 0;
    if (fault === "black hole") this.#isSwallowed = true;
    if (fault === "reset") this.cut();
    if (fault !== "half-open") return;
    this.#there.hold();
    this.#back.hold();
  }

  heal(): void {
    this.#there.flush();
    this.#back.flush();
  }

  cut(): void {
    for (const socket of [this.#client, this.#target]) socket.resetAndDestroy();
    this.#there.drop();
    this.#back.drop();
    this.#gone();
  }

  #ask(chunk: Buffer): void {
    if (!this.#isSwallowed) this.#there.add(chunk, 0);
  }

  #answer(chunk: Buffer): void {
    const { fault, spared } = this.#state;
    if (this.#isSwallowed) return;
    if (fault === "answer lost" && (this.#answers += 1) > spared) return this.cut();
    if (fault === "trickle") return this.#back.addBytes(chunk, BYTE_MS);
    this.#back.add(chunk, fault === "latency" ? LATE_MS : 0);
  }

  /** One side's last word is the other's, after what is still under way. In a black hole nobody hears it. */
  #couple(socket: Socket, onward: Lane): void {
    socket.on("error", () => {});
    const end = () => {
      if (!this.#isSwallowed) onward.end();
    };
    socket.on("end", end);
    socket.on("close", () => {
      end();
      if (this.#client.destroyed && this.#target.destroyed) this.#gone();
      else if (!this.#isSwallowed && !onward.isHeld) onward.end({ destroy: true });
    });
  }
}

function bytesOf(chunk: Buffer | string): Buffer {
  return typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
