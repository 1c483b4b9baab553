/** What a listener holds of its callers at most, and TLS. Byte by byte, over real sockets. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { openTls, readTls } from "../../src/compose/tls.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { Secret } from "../../src/core/secret.ts";
import { boundConnections } from "../../src/http/connection-bounds.ts";
import { Networks } from "../../src/http/source-addresses.ts";
import { captureLog } from "../support/captured-log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { expiringBody, openPublicListener, WEBHOOK_PATH } from "../support/public-listener.ts";
import { openRaw, sendRaw } from "../support/raw-http.ts";
import { selfSignedCertificate } from "../support/stores/self-signed-certificate.ts";
import { until } from "../support/until.ts";

const DAY_MS = 86_400_000;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function openListener(deps: Parameters<typeof openPublicListener>[0] = {}) {
  const listener = await openPublicListener(deps);
  cleanUps.push(listener.close);
  return listener;
}

/** A server with small bounds. @param remote what its callers' addresses are taken for */
async function bounded(bounds: { most: number; mostOfOne: number }, remote?: string) {
  const server: Server = createServer((_request, response) => response.end("ok"));
  const { log, lines } = captureLog();
  if (remote !== undefined)
    server.prependListener("connection", (socket: Socket) =>
      Object.defineProperty(socket, "remoteAddress", { value: remote }),
    );
  boundConnections(server, { ...bounds, trustedProxies: new Networks(["203.0.113.7"]), log });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets: Socket[] = [];
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  /** Resolves with whether the connection stays open long enough to be answered. */
  const open = async () => {
    const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
    sockets.push(socket);
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const [first] = (await Promise.race([once(socket, "data"), once(socket, "close")])) as [unknown];
    return Buffer.isBuffer(first);
  };
  /** One that sends half a request and stays. */
  const stall = async () => {
    const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
    sockets.push(socket);
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nX-Slow:");
    return socket;
  };
  const held = () =>
    new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  return { open, stall, held, lines };
}

describe("connections", () => {
  it("are bounded for one address on the internet, and one that ends makes room", async () => {
    const { stall, open, held, lines } = await bounded({ most: 10, mostOfOne: 3 }, "198.51.100.1");
    const [first] = await Promise.all([stall(), stall(), stall()]);
    await until("three are held", async () => (await held()) === 3);
    expect(await open()).toBe(false);
    expect(await open()).toBe(false);
    expect(lines).toMatchObject([{ level: 40, reason: "too many from one address", open: 3 }]);
    first?.destroy();
    await until("one is gone", async () => (await held()) === 2);
    expect(await open()).toBe(true);
  });

  it.each([
    ["inside", "10.0.0.1"],
    ["a trusted proxy", "203.0.113.7"],
  ])("are not bounded for an address that stands for many: %s", async (_what, remote) => {
    const { open } = await bounded({ most: 10, mostOfOne: 3 }, remote);
    for (let count = 0; count < 6; count += 1) expect(await open()).toBe(true);
  });

  it("are bounded for all together, and idle ones make room", async () => {
    const { stall, open, held } = await bounded({ most: 4, mostOfOne: 100 });
    for (let count = 0; count < 3; count += 1) await stall();
    await until("three are held", async () => (await held()) === 3);
    expect(await open()).toBe(true);
    // The fourth is idle now. The next one finds no room and makes some.
    expect(await open()).toBe(false);
    expect(await open()).toBe(true);
  });

  it("of a real listener that send nothing for 5 s are closed, all of them", async () => {
    const { url } = await openListener();
    const startedAt = performance.now();
    const slow = Array.from({ length: 200 }, () => {
      const connection = openRaw(url);
      connection.write("POST /webhooks/paddle HTTP/1.1\r\nX-Slow:");
      return connection.received;
    });
    const answers = await Promise.all(slow);
    expect(performance.now() - startedAt).toBeLessThan(9_000);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe("a flood of headers", () => {
  it("is cut off at 8 KiB, in one header or in thousands", async () => {
    const { url } = await openListener();
    const before = process.memoryUsage().rss;
    const start = "POST /webhooks/paddle HTTP/1.1\r\nHost: localhost\r\n";
    const many = Array.from({ length: 5_000 }, (_, at) => `X-${at}: canary\r\n`).join("");
    for (const headers of [many, `X: ${"x".repeat(100_000)}\r\n`]) {
      const answer = await sendRaw(url, `${start}${headers}\r\n`).catch(() => "HTTP/1.1 431 reset");
      expect(answer).toMatch(/^HTTP\/1\.1 431 /);
      expect(answer).not.toContain("canary");
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe("TLS", () => {
  const { cert, key } = selfSignedCertificate();
  const tls = { certificate: cert, key: new Secret(key) };

  it("is spoken by a listener that is given a certificate, from version 1.2 on", async () => {
    const { url, sign, queue } = await openListener({ tls });
    const port = Number(new URL(url).port);
    const body = expiringBody();
    const ask = async (versions: object) => {
      const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", ca: cert, ...versions });
      await once(socket, "secureConnect");
      socket.write(
        `POST ${WEBHOOK_PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Paddle-Signature: ${sign(body)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return text(socket);
    };
    expect(await ask({ minVersion: "TLSv1.3" })).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask({ maxVersion: "TLSv1.2" })).toMatch(/^HTTP\/1\.1 200 /);
    await expect(ask({ minVersion: "TLSv1", maxVersion: "TLSv1.1" })).rejects.toThrow();
    expect(queue.jobs).toHaveLength(1);
  });

  it("is not waited for: who never finishes the handshake is cut off, and plain HTTP gets no answer", async () => {
    const { url } = await openListener({ tls });
    const startedAt = performance.now();
    const silent = openRaw(url.replace("https:", "http:"));
    const plain = await sendRaw(url.replace("https:", "http:"), "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(plain).not.toContain("200 OK");
    expect(await silent.received).not.toContain("HTTP/1.1 200");
    expect(performance.now() - startedAt).toBeLessThan(9_000);
  });

  it("tells of handshakes that fail, once a minute, with the code, and of nobody who only knocks", async () => {
    const { log, lines } = captureLog();
    const clock = new FakeClock();
    const { url } = await openListener({ tls, log, clock });
    const plain = url.replace("https:", "http:");
    const failHandshake = () => sendRaw(plain, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    // As balancers look whether somebody listens.
    const knock = openRaw(plain);
    knock.end();
    await knock.received;
    for (let count = 0; count < 3; count += 1) await failHandshake();
    const [first] = lines;
    expect(lines).toHaveLength(1);
    expect(first).toMatchObject({
      level: 40,
      msg: "TLS handshake failed",
      listener: "public",
      code: "ERR_SSL_HTTP_REQUEST",
      sender: "127.0.0.1",
      count: 1,
    });
    await clock.advance(60_000);
    await failHandshake();
    expect(lines.slice(1)).toMatchObject([{ msg: "TLS handshake failed", count: 3 }]);
  });

  it.each([
    ["has ended", -1, "a certificate has ended: renew it, and restart"],
    ["ends within 14 days", 13, "a certificate ends soon: renew it, and restart"],
    ["holds on", 15, null],
  ])("of a certificate that %s is told of at start where a person must act", async (_what, days, says) => {
    const clock = new FakeClock();
    const { log, lines } = captureLog();
    const folder = await mkdtemp(join(tmpdir(), "tls-"));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const files = { certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key") };
    const own = selfSignedCertificate(clock.now() - DAY_MS, days + 1);
    await writeFile(files.certFile, own.cert);
    await writeFile(files.keyFile, own.key);
    expect(await openTls("admin", { tls: files }, { clock, log })).not.toBeNull();
    const lastDay = new Date(clock.now() + days * DAY_MS).toISOString().slice(0, 10);
    expect(lines).toMatchObject(
      says === null
        ? []
        : [{ level: 40, msg: says, certificate: "listeners.admin.tls.certFile", until: lastDay }],
    );
  });

  it("is refused at start with files that are not a certificate and its key, and they are not quoted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tls-"));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const write = async (name: string, content: string) => {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    };
    const certFile = await write("tls.crt", cert);
    const keyFile = await write("tls.key", key);
    const other = await write("other.key", selfSignedCertificate().key);
    const garbage = await write("garbage", "canary");
    const read = (files: { certFile: string; keyFile: string }) => readTls("public", { tls: files });
    expect((await read({ certFile, keyFile }))?.key.reveal()).toBe(key);
    expect(await readTls("public", { tls: null })).toBeNull();
    for (const [files, says] of [
      [{ certFile: garbage, keyFile }, "certFile holds no certificate"],
      [{ certFile, keyFile: garbage }, "keyFile holds no private key"],
      [{ certFile, keyFile: other }, "keyFile holds another key"],
      [{ certFile: join(folder, "none"), keyFile }, "certFile names a file that does not exist"],
    ] as const) {
      const error = await read(files).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toContain(`listeners.public.tls.${says}`);
      expect(String(error)).not.toContain("canary");
    }
  });
});
