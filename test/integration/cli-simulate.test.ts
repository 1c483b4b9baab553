/** `simulate` against the real public listener: what arrives there, and what a person is told where it does not. */
import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import type { OpenStore } from "../../src/cli/check/stores.ts";
import { simulate, type SimulateOptions } from "../../src/cli/simulate.ts";
import { KEY_EVENT_TYPES } from "../../src/core/key-events.ts";
import { QueueError } from "../../src/core/errors.ts";
import { Secret } from "../../src/core/secret.ts";
import { unknownOrigin } from "../../src/core/slots.ts";
import { QUEUE_OF } from "../../src/queue/names.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { pipedTerminal } from "../support/piped-terminal.ts";
import { openPublicListener, WEBHOOK_SECRET } from "../support/public-listener.ts";
import { selfSignedCertificate } from "../support/stores/self-signed-certificate.ts";
import { FILE, read } from "../unit/config/sources.ts";
import { openWorld } from "./paddle/simulated-world.ts";

const neverAsked = { ask: () => Promise.reject(new Error("Paddle was asked")) };
const nothingHeld: OpenStore = () => Promise.reject(new Error("a store was opened"));

function run(
  url: string,
  type: string,
  options: SimulateOptions = {},
  {
    secret = WEBHOOK_SECRET,
    clock = new FakeClock(),
    paddle = neverAsked,
    openStore = nothingHeld,
  }: {
    secret?: string;
    clock?: FakeClock;
    paddle?: Parameters<typeof simulate>[4]["paddle"];
    openStore?: OpenStore;
  } = {},
) {
  const { port, hostname: HOST, protocol } = new URL(url);
  const files = "{ tls: { certFile: ./tls.crt, keyFile: ./tls.key } }";
  const listeners = `listeners: { public: ${files}, admin: ${files} }\n`;
  const config = read({
    env: { HOST, PORT: port, PADDLE_WEBHOOK_SECRETS: secret },
    ...(protocol === "https:" && { yaml: FILE + listeners }),
  });
  return simulate(config, type, options, pipedTerminal(), { openStore, paddle, clock });
}

/** A listener, and a command whose clock is the same. */
async function open(deps: Parameters<typeof openPublicListener>[0] = {}) {
  const listener = await openPublicListener(deps);
  return { ...listener, [Symbol.asyncDispose]: () => listener.close() };
}

/** Answers every request in one way. */
async function answering(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("simulate", () => {
  it.each(KEY_EVENT_TYPES)("sends %s, signed, about a key that nobody manages", async (type) => {
    await using world = await open();
    const { ok, text, json } = await run(world.url, type, {}, { clock: world.clock });
    expect(text).toMatch(/^ok /);
    expect(ok).toBe(true);
    const [work, ...more] = world.queue.puts;
    expect(more).toEqual([]);
    expect(work).toMatchObject({
      keyName: null,
      keyId: expect.stringMatching(/^apikey_simulated[a-z\d]{17}$/),
    });
    expect(text).toContain(work?.eventId);
    expect(text).toContain("nothing is r");
    expect(json).toMatchObject({ ok: true, status: 200, eventId: work?.eventId, keyId: work?.keyId });
    const queue = work && QUEUE_OF[work.job];
    expect(text).toContain(`http://127.0.0.1:9090/queues/queue/${queue}/${work?.intent.id}`);
  });

  it("makes another event each time", async () => {
    await using world = await open();
    await run(world.url, "api_key.expired", {}, { clock: world.clock });
    await run(world.url, "api_key.expired", {}, { clock: world.clock });
    expect(new Set(world.queue.puts.map(({ intent }) => intent.id)).size).toBe(2);
  });

  it("sends to another address if told so, and to the webhooks' path unless it names one", async () => {
    await using world = await open();
    const to = { to: world.url };
    expect((await run("http://127.0.0.1:1", "api_key.updated", to, { clock: world.clock })).ok).toBe(true);
    const elsewhere = await run(
      "http://127.0.0.1:1",
      "api_key.updated",
      { to: `${world.url}/elsewhere` },
      { clock: world.clock },
    );
    expect(elsewhere.text).toContain(`${world.url}/elsewhere answered 404`);
    expect(elsewhere.text).toContain("the service takes webhooks at /webhooks/paddle");
  });
});

describe("simulate where listeners speak TLS", () => {
  const { cert, key } = selfSignedCertificate();
  const openTls = async () => {
    const world = await open({ tls: { certificate: cert, key: new Secret(key) } });
    return { ...world, url: world.url.replace("http:", "https:") };
  };

  it("asks by https, and looks for the job there, too", async () => {
    await using world = await openTls();
    const known = getCACertificates();
    setDefaultCACertificates([...known, cert]);
    try {
      const { ok, text } = await run(world.url, "api_key.updated", {}, { clock: world.clock });
      expect(text).toContain(`${world.url}/webhooks/paddle took api_key.updated`);
      expect(text).toContain("https://127.0.0.1:9090/queues/queue/");
      expect(ok).toBe(true);
    } finally {
      setDefaultCACertificates(known);
    }
  });

  it("says what to do where nobody here knows the certificate's authority", async () => {
    await using world = await openTls();
    const { ok, text } = await run(world.url, "api_key.updated", {}, { clock: world.clock });
    expect(ok).toBe(false);
    expect(text).toContain("does not prove who it is (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(text).toContain("NODE_EXTRA_CA_CERTS");
  });
});

describe("simulate about a managed key", () => {
  async function openWithKey() {
    const paddle = await openWorld();
    const expiresAt = paddle.clock.now() + 5 * 86_400_000;
    const { id, secret } = paddle.simulator.createKey({ name: "billing", expiresAt });
    const listener = await openPublicListener({
      clock: paddle.clock,
      keyNames: () => new Map([[id, "billing"]]),
    });
    const openStore: OpenStore = async () => new MemoryStore({ active: unknownOrigin(new Secret(secret)) });
    const deps = { clock: paddle.clock, paddle: paddle.paddle, openStore };
    return {
      ...listener,
      simulator: paddle.simulator,
      id,
      expiresAt,
      deps,
      [Symbol.asyncDispose]: async () => {
        await listener.close();
        await paddle[Symbol.asyncDispose]();
      },
    };
  }

  it("does nothing without a word of consent, and says what it would do", async () => {
    await using world = await openWithKey();
    await expect(run(world.url, "api_key_exposure.created", { key: "billing" }, world.deps)).rejects.toThrow(
      /treats billing as found in public.*Add --yes/,
    );
    expect(world.queue.puts).toEqual([]);
  });

  it("makes the service act, with the key's real expiry, so that the event is not overtaken", async () => {
    await using world = await openWithKey();
    const { ok, text } = await run(world.url, "api_key.expiring", { key: "billing", yes: true }, world.deps);
    expect(ok).toBe(true);
    expect(text).toContain("the service rotates billing now");
    expect(world.queue.puts).toMatchObject([
      { job: "rotate", keyName: "billing", keyId: world.id, keyExpiresAt: world.expiresAt },
    ]);
  });

  it("refuses a name that is not configured, and names those that are", async () => {
    await using world = await openWithKey();
    const asked = run(world.url, "api_key.expiring", { key: "shop", yes: true }, world.deps);
    await expect(asked).rejects.toThrow("there is no key shop; there are billing");
  });

  it("says what to do where Paddle refuses the key", async () => {
    await using world = await openWithKey();
    world.simulator.revoke(world.id, { by: "user" });
    const asked = run(world.url, "api_key.expiring", { key: "billing", yes: true }, world.deps);
    await expect(asked).rejects.toThrow("Paddle refuses the active secret of billing");
  });

  it("says that a legacy key can have no event", async () => {
    await using world = await openWithKey();
    const openStore: OpenStore = async () =>
      new MemoryStore({ active: unknownOrigin(new Secret("x".repeat(50))) });
    const asked = run(
      world.url,
      "api_key.expiring",
      { key: "billing", yes: true },
      { ...world.deps, openStore },
    );
    await expect(asked).rejects.toThrow("billing is a legacy key");
  });
});

describe("where simulate fails, it says why and what to do", () => {
  it("if the service has another secret", async () => {
    await using world = await open();
    const { ok, text, json } = await run(
      world.url,
      "api_key.updated",
      {},
      { clock: world.clock, secret: `${WEBHOOK_SECRET}x` },
    );
    expect(ok).toBe(false);
    expect(text).toContain("401: The signature does not match.");
    expect(text).toContain("PADDLE_WEBHOOK_SECRETS");
    expect(json).toMatchObject({ ok: false, status: 401, job: null });
  });

  it("if the clocks differ", async () => {
    await using world = await open();
    const clock = new FakeClock(world.clock.now() - 60_000);
    const { ok, text } = await run(world.url, "api_key.updated", {}, { clock });
    expect(ok).toBe(false);
    expect(text).toContain("401: The signature's timestamp is outside the tolerance.");
    expect(text).toContain("run NTP on both");
  });

  it("if the queue does not take it", async () => {
    const queue = {
      put: () => Promise.reject(new QueueError("down", { effect: "none", retry: "later" })),
      isUnfinished: async () => false,
      knows: async () => false,
    };
    await using world = await open({ queue });
    const { ok, text } = await run(world.url, "api_key.updated", {}, { clock: world.clock });
    expect(ok).toBe(false);
    expect(text).toContain("503: The event could not be queued.");
    expect(text).toContain("/readyz");
  });

  it("if nothing listens", async () => {
    const gone = await open();
    await gone.close();
    const { ok, text, json } = await run(gone.url, "api_key.updated");
    expect(ok).toBe(false);
    expect(text).toContain(`nothing listens at ${gone.url}/webhooks/paddle`);
    expect(json).toMatchObject({ ok: false, status: null });
  });

  it("if the port is one that no browser asks", async () => {
    const { ok, text } = await run("http://127.0.0.1:6000", "api_key.updated");
    expect(ok).toBe(false);
    expect(text).toMatch(/browsers refuse the port 6000, and so does this command\n +set another PORT/);
  });

  it("if a proxy redirects, because Paddle follows nobody", async () => {
    await using world = await answering((_request, response) =>
      response.writeHead(308, { location: "/elsewhere" }).end(),
    );
    const { ok, text } = await run(world.url, "api_key.updated");
    expect(ok).toBe(false);
    expect(text).toContain("answered 308, a redirect");
  });

  it("if the answer comes later than Paddle waits", async () => {
    const clock = new FakeClock();
    await using world = await answering(
      (_request, response) => void clock.advance(5_000).then(() => response.end("{}")),
    );
    const { ok, text } = await run(world.url, "api_key.updated", {}, { clock });
    expect(ok).toBe(false);
    expect(text).toContain("200, but after 5000 ms: Paddle waits 5000 ms");
  });

  it("if a program that is not ours breaks the connection", async () => {
    await using world = await answering((request) => request.socket.destroy());
    const { ok, text } = await run(world.url, "api_key.updated");
    expect(ok).toBe(false);
    expect(text).toContain("does not answer (");
  });
});

describe("the command line of simulate", () => {
  it("names the events there are", async () => {
    await expect(run("http://127.0.0.1:1", "api_key.exploded")).rejects.toThrow(
      `there is no event api_key.exploded; there are ${KEY_EVENT_TYPES.join(", ")}`,
    );
  });

  it.each(["ftp://127.0.0.1", "127.0.0.1:8080", "http://user:x@127.0.0.1"])(
    "takes no address such as %s",
    async (to) => {
      await expect(run("http://127.0.0.1:1", "api_key.updated", { to })).rejects.toThrow("--to must be");
    },
  );

  it("asks for the address where the port is any free one", async () => {
    const config = read({ env: { PORT: "0" } });
    const asked = simulate(config, "api_key.updated", {}, pipedTerminal(), {
      openStore: nothingHeld,
      paddle: neverAsked,
      clock: new FakeClock(),
    });
    await expect(asked).rejects.toThrow("name it with --to");
  });
});
