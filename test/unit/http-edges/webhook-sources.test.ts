/** The list of Paddle's addresses: where it comes from, and that no fault shuts Paddle out. */
import { describe, expect, it } from "vitest";
import { onChange } from "../../../src/alerts/on-change.ts";
import { lastState } from "../../../src/alerts/on-change.ts";
import { PaddleError, QueueError } from "../../../src/core/errors.ts";
import type { PaddleObserver, Records } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { PUBLISHED_SOURCES, SOURCES_SUBJECT } from "../../../src/core/webhook-sources.ts";
import { WebhookSources } from "../../../src/http/webhook-sources.ts";
import { readWebhookSources } from "../../../src/paddle/ips.ts";
import { noteWebhookSources } from "../../../src/reconcile/webhook-sources.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const NEW = "192.0.2.77";
const KEY = new Secret("pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Ab1Cd2Ef3Gh4Ij5Kl6Mn7O_p8Q");

function open(allowed = { networks: ["198.51.100.0/24"], paddle: true }) {
  const records = memoryRecords();
  const clock = new FakeClock();
  const { log, lines } = captureLog();
  const place = { asked: 0, isDown: false };
  const sources = new WebhookSources(allowed, {
    clock,
    log,
    noted: async (environment) => {
      place.asked += 1;
      if (place.isDown) throw new QueueError("the records are down", { effect: "none", retry: "later" });
      return lastState(records, `${SOURCES_SUBJECT}-${environment}`);
    },
  });
  const note = (list: readonly string[], environment = "live") =>
    onChange(records, `${SOURCES_SUBJECT}-${environment}`, list, async () => {});
  return { sources, records, clock, lines, place, note };
}

describe("where webhooks may come from", () => {
  it("is what the configuration lists, and Paddle's published addresses where it says so", async () => {
    const { sources, place } = open();
    for (const source of PUBLISHED_SOURCES)
      expect(await sources.allows(source.replace("/32", ""))).toBe(true);
    expect(PUBLISHED_SOURCES).toHaveLength(12);
    expect(await sources.allows("198.51.100.200")).toBe(true);
    // None of these has to be looked up anywhere.
    expect(place.asked).toBe(0);
    const { sources: listed } = open({ networks: ["198.51.100.0/24"], paddle: false });
    expect(await listed.allows("34.232.58.13")).toBe(false);
  });

  it("is also what the sweep has noted last, from the first webhook on", async () => {
    const { sources, note } = open();
    await note([`${NEW}/32`]);
    expect(await sources.allows(NEW)).toBe(true);
    expect(await sources.allows("34.232.58.13")).toBe(true);
    expect(await sources.allows("192.0.2.78")).toBe(false);
  });

  it("is looked up once a minute, however many are refused", async () => {
    const { sources, note, clock, place } = open();
    for (let count = 0; count < 100; count += 1) expect(await sources.allows(NEW)).toBe(false);
    expect(place.asked).toBe(2);
    await note([`${NEW}/32`], "sandbox");
    await clock.advance(59_000);
    expect(await sources.allows(NEW)).toBe(false);
    await clock.advance(1_000);
    expect(await sources.allows(NEW)).toBe(true);
  });

  it("is looked up again although a clock was set back by an hour", async () => {
    const { sources, note, clock, place } = open();
    expect(await sources.allows(NEW)).toBe(false);
    await note([`${NEW}/32`]);
    clock.setBack(3_600_000);
    expect(await sources.allows(NEW)).toBe(true);
    expect(place.asked).toBe(4);
  });

  it("is what was known last while the records are down", async () => {
    const { sources, note, clock, place, lines } = open();
    await note([`${NEW}/32`]);
    expect(await sources.allows(NEW)).toBe(true);
    place.isDown = true;
    await clock.advance(60_000);
    expect(await sources.allows("192.0.2.78")).toBe(false);
    expect(await sources.allows(NEW)).toBe(true);
    expect(lines).toMatchObject([{ reason: expect.stringContaining("down") }]);
  });
});

describe("Paddle's own list", () => {
  const answering = (status: number, data: unknown, code: string | null = null) => {
    const asked: unknown[] = [];
    const paddle: PaddleObserver = {
      async observe(question) {
        asked.push(question);
        return { status, code, fields: [], data, limits: {} };
      },
    };
    return { paddle, asked };
  };

  it("is read with a key", async () => {
    const { paddle, asked } = answering(200, { ipv4_cidrs: ["34.237.3.244/32", "34.212.5.7/32"] });
    expect(await readWebhookSources(paddle, KEY)).toEqual(["34.212.5.7/32", "34.237.3.244/32"]);
    expect(asked).toEqual([{ method: "GET", path: "/ips", as: KEY }]);
  });

  it.each([
    ["everybody", { ipv4_cidrs: ["0.0.0.0/0"] }],
    ["a wide network", { ipv4_cidrs: ["34.212.5.7/32", "34.0.0.0/19"] }],
    ["nobody", { ipv4_cidrs: [] }],
    ["no network", { ipv4_cidrs: ["34.212.5.7"] }],
    ["too many", { ipv4_cidrs: Array.from({ length: 257 }, (_, at) => `34.212.${at % 256}.${at >> 8}/32`) }],
    ["something else", { sources: [] }],
    ["nothing", null],
  ])("is not believed if it says: %s", async (_what, data) => {
    const { paddle } = answering(200, data);
    await expect(readWebhookSources(paddle, KEY)).rejects.toThrow("it is not used");
  });

  it("is left as it was if Paddle answers anything else", async () => {
    const { paddle } = answering(403, null, "forbidden");
    await expect(readWebhookSources(paddle, KEY)).rejects.toThrow(
      "GET /ips: Paddle answered 403 (forbidden)",
    );
  });

  it("is noted by the sweep for each environment when it changes, and a fault harms nobody", async () => {
    const records: Records = memoryRecords();
    const { log, lines } = captureLog();
    let list: readonly string[] | Error = ["192.0.2.1/32"];
    const sweep = () =>
      noteWebhookSources({
        readers: [{ keyName: "billing", secret: KEY, permissions: [] }],
        records,
        log,
        readWebhookSources: async () => {
          if (list instanceof Error) throw list;
          return list;
        },
      });
    await sweep();
    await sweep();
    expect(await lastState(records, `${SOURCES_SUBJECT}-live`)).toEqual(["192.0.2.1/32"]);
    expect(lines).toMatchObject([{ environment: "live", sources: ["192.0.2.1/32"] }]);
    const what = { code: "no_answer", status: null, effect: "none", retry: "later" } as const;
    list = new PaddleError("Paddle is silent", what);
    await sweep();
    expect(lines.at(-1)).toMatchObject({ level: 40, reason: "Paddle is silent" });
    expect(await lastState(records, `${SOURCES_SUBJECT}-live`)).toEqual(["192.0.2.1/32"]);
  });
});
