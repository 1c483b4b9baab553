/** An event that was read from Paddle's list is treated exactly like the webhook that did not come. */
import { describe, expect, it } from "vitest";
import { acceptPastEvent } from "../../../src/webhook/past-event.ts";
import { captureLog } from "../../support/captured-log.ts";
import { MemoryWorkQueue } from "../../support/memory-work-queue.ts";
import { eventBody, keyData } from "../../support/paddle-simulator/events.ts";

function setUp() {
  const queue = new MemoryWorkQueue();
  const captured = captureLog();
  const deps = { queue, keyNames: () => new Map<string, string>(), log: captured.log };
  return { queue, captured, accept: (body: unknown) => acceptPastEvent(body, deps) };
}

const EXPIRING: unknown = JSON.parse(eventBody("api_key.expiring", keyData()));

describe("a past event", () => {
  it("becomes the job that its webhook would have become", async () => {
    const { queue, accept } = setUp();
    expect(await accept(EXPIRING)).toBe("missed");
    expect(queue.jobs).toMatchObject([{ job: "rotate", intent: { kind: "expiring" } }]);
  });

  it("is left alone where its webhook has come", async () => {
    const { queue, accept } = setUp();
    await accept(EXPIRING);
    expect(await accept(EXPIRING)).toBe("known");
    expect(queue.puts).toHaveLength(1);
  });

  it("that asks for nothing is ignored", async () => {
    const { queue, accept } = setUp();
    expect(await accept(JSON.parse(eventBody("transaction.completed", {})))).toBe("ignored");
    expect(queue.jobs).toEqual([]);
  });

  it("that is not what was expected is noted in the log, without a word of it", async () => {
    const { captured, accept } = setUp();
    expect(await accept({ event_type: "api_key.expiring", canary: "CANARY" })).toBe("ignored");
    expect(captured.lines).toHaveLength(1);
    expect(JSON.stringify(captured.lines)).not.toContain("CANARY");
  });

  it("whose work the queue does not take is not counted as taken", async () => {
    const { queue, accept } = setUp();
    queue.state = "down";
    await expect(accept(EXPIRING)).rejects.toThrow("the queue is down");
  });
});
