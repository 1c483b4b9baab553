/**
 * Webhooks, as fast as a server answers them: each connection sends its next one once it has its answer. They are made
 * and signed beforehand, and the answers are hardly read: on a machine of two cores, what the sender uses is missing
 * at the receiver.
 */
import { connect, type Socket } from "node:net";
import { eventBody, keyData } from "../test/support/paddle-simulator/events.ts";
import { signWebhook } from "../test/support/paddle-simulator/sign.ts";
import { SECRET } from "./servers.ts";

/** `ms`: less than the 5 s after which a signature is too old. */
export type Load = { readonly connections: number; readonly ms: number };

export type Loaded = {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly latencies: readonly number[];
};

const OK = "HTTP/1.1 200";
/** More than any server here takes. */
const MOST_A_MS = 30;

/** Rejects if anything but 200 is answered. */
export async function sendWebhooks(url: string, { connections, ms }: Load): Promise<Loaded> {
  const { hostname, port } = new URL(url);
  const requests = Array.from({ length: ms * MOST_A_MS }, () => signedRequest(hostname));
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => open({ host: hostname, port: Number(port), noDelay: true })),
  );
  const latencies: number[] = [];
  const startedAt = performance.now();
  const sendFrom = async (socket: Socket) => {
    while (performance.now() - startedAt < ms) {
      const request = requests.pop();
      if (!request) throw new Error("the server is faster than the sender was prepared for");
      const sentAt = performance.now();
      socket.write(request);
      await answered(socket);
      latencies.push(performance.now() - sentAt);
    }
  };
  try {
    await Promise.all(sockets.map(sendFrom));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return { perSecond: (latencies.length / (performance.now() - startedAt)) * 1_000, latencies };
}

function signedRequest(host: string): string {
  const body = eventBody("api_key.expiring", keyData());
  const signature = signWebhook(SECRET, body, Math.floor(Date.now() / 1_000));
  return (
    `POST /webhooks/paddle HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
    `paddle-signature: ${signature}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

function open(to: { host: string; port: number; noDelay: boolean }): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(to, () => resolve(socket)).on("error", reject);
  return promise;
}

/** Every server here answers with fewer bytes than a segment holds, and so in one piece. */
function answered(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("data", (answer: Buffer) => {
    const head = answer.toString("latin1", 0, OK.length);
    if (head === OK) resolve();
    else reject(new Error(`answered with ${answer.toString("latin1", 0, 200)}`));
  });
  return promise;
}
