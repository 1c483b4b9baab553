/** What is counted of Paddle, stores, channels and alerts; that they stay what they were is held by their contracts. */
import { describe, expect, it } from "vitest";
import { ChannelError } from "../../../src/core/alert.ts";
import { PaddleError } from "../../../src/core/errors.ts";
import type { AlertChannel, PaddleApi, Version } from "../../../src/core/ports.ts";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { secretStoreContract } from "../../contract/secret-store.contract.ts";
import { KEY_ID, secretOf } from "../../support/admin/keys.ts";
import { apiKey, DeskStore, PLATFORM } from "../../support/admin/neighbours.ts";
import { FaultyStore, MemoryStore } from "../../support/memory-store.ts";
import { openMetrics } from "../../support/metrics/measured.ts";
import { alertOf } from "../../support/metrics/overview.ts";

type Ask = PaddleApi["ask"];

/** A client of which only `ask` is used, here as in emergencies. */
function paddleThat(ask: Ask, urgentAsk: Ask = ask) {
  const api = (answer: Ask) => ({ ask: answer }) as unknown as PaddleApi;
  return { ...api(ask), urgent: api(urgentAsk), close: async () => "closed" };
}

function paddleError(status: number | null): PaddleError {
  return new PaddleError("no", { code: "x", status, effect: "none", retry: "later" });
}

const accepted: Ask = async () => ({ accepted: true, key: apiKey(KEY_ID) });

describe("calls to Paddle", () => {
  it.each([
    ["ok", accepted],
    ["refused", async () => ({ accepted: false })],
    ["no-answer", () => Promise.reject(paddleError(null))],
    ["rate-limited", () => Promise.reject(paddleError(429))],
    ["rejected", () => Promise.reject(paddleError(403))],
    ["server-error", () => Promise.reject(paddleError(503))],
    ["error", () => Promise.reject(new TypeError("ours"))],
  ] satisfies [string, Ask][])("are counted as %s by how they end", async (result, ask) => {
    const { metrics, value } = openMetrics();
    await metrics
      .paddle(paddleThat(ask))
      .ask(KEY_ID, secretOf("Active"))
      .catch(() => {});
    expect(await value(`paddle_calls_total{operation="ask",urgency="ordinary",result="${result}"}`)).toBe(1);
  });

  it("are counted apart in emergencies, and timed", async () => {
    const { metrics, value, pass } = openMetrics();
    const slow: Ask = async (...args) => {
      pass(700);
      return accepted(...args);
    };
    const client = metrics.paddle(paddleThat(accepted, slow));
    await client.urgent.ask(KEY_ID, secretOf("Active"));
    const labels = `operation="ask",urgency="urgent"`;
    expect(await value(`paddle_calls_total{${labels},result="ok"}`)).toBe(1);
    expect(await value(`paddle_call_duration_seconds_sum{${labels}}`)).toBe(0.7);
    expect(await value(`paddle_calls_total{operation="ask",urgency="ordinary",result="ok"}`)).toBeUndefined();
    expect(await client.close()).toBe("closed");
    expect(client.urgent).toBe(client.urgent);
  });
});

describe("calls to a store", () => {
  it("are counted by type, operation and result, and a lost race is no error", async () => {
    const { metrics, value } = openMetrics();
    const faulty = new FaultyStore(new MemoryStore());
    const store = metrics.store(faulty, "vault");
    await store.read();
    faulty.failNext("read");
    await store.read().catch(() => {});
    await store.write(EMPTY_SLOTS, "another" as Version);
    await store.checkWritable();
    const count = (operation: string, result: string) =>
      value(`store_calls_total{store="vault",operation="${operation}",result="${result}"}`);
    expect(await count("read", "ok")).toBe(1);
    expect(await count("read", "error")).toBe(1);
    expect(await count("write", "conflict")).toBe(1);
    expect(await count("write", "ok")).toBe(0);
    expect(await count("check", "ok")).toBe(1);
  });

  it("leave the platform of the store as it is: there, or not there", () => {
    const { metrics } = openMetrics();
    const bare = new DeskStore(EMPTY_SLOTS);
    const measured = metrics.store(bare, "vault");
    expect(measured.platform).toBe(bare.platform);
    bare.platform = PLATFORM;
    expect(measured.platform).toBe(PLATFORM);
  });
});

secretStoreContract("a measured store", async (beside) => {
  const memory = new MemoryStore();
  const faulty = new FaultyStore(memory);
  const { metrics } = openMetrics();
  return {
    store: () => metrics.store(faulty, "memory"),
    edit: async (field, text) => memory.edit(field, text),
    beside: async () => beside,
    everything: async () => JSON.stringify(memory.backup()),
    breakages: {
      "out of order": async () => {
        faulty.failNext("read");
        faulty.failNext("before-write");
        faulty.failNext("check");
      },
    },
    async [Symbol.asyncDispose]() {},
  };
});

describe("alerts", () => {
  it("are counted for each channel by what became of them", async () => {
    const { metrics, value } = openMetrics();
    const wait = new ChannelError("later", { effect: "none", retry: "later", retryAfterMs: 1_000 });
    const ends = [null, new Error("no"), wait];
    const channel = metrics.alerts.channel<AlertChannel>({
      name: "ops",
      send: async () => {
        const end = ends.shift();
        if (end) throw end;
      },
    });
    const alert = alertOf("key-exposed");
    await channel.send(alert);
    await expect(channel.send(alert)).rejects.toThrow("no");
    await expect(channel.send(alert)).rejects.toBe(wait);
    for (const result of ["sent", "failed", "put-off"])
      expect(await value(`alerts_sent_total{channel="ops",severity="critical",result="${result}"}`)).toBe(1);
    expect(await value(`alerts_sent_total{channel="ops",severity="info",result="failed"}`)).toBe(0);
  });

  it("are counted by kind, and every kind that there is begins at 0", async () => {
    const { metrics, value } = openMetrics();
    expect(await value(`alerts_raised_total{kind="key-exposed",severity="critical"}`)).toBe(0);
    metrics.alerts.kept(alertOf("key-exposed"));
    expect(await value(`alerts_raised_total{kind="key-exposed",severity="critical"}`)).toBe(1);
  });
});
