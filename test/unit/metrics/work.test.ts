/** What is counted of jobs, steps, exposures, webhooks and sweeps. */
import { describe, expect, it } from "vitest";
import { LeaseLostError } from "../../../src/core/errors.ts";
import type { Fact, JobHold, Processor } from "../../../src/core/ports.ts";
import type { Intent, Outcome, Work } from "../../../src/core/work.ts";
import { KEY_ID, NOW } from "../../support/admin/keys.ts";
import { openMetrics } from "../../support/metrics/measured.ts";

const SECOND = 1_000;
const never: Processor = () => Promise.reject(new Error("not this one"));

function workOf(job: Work["job"], kind: Intent["kind"]): Work {
  const intent = { id: "evt_1", kind, requestedAt: NOW - 60 * SECOND };
  return { job, keyName: "billing", keyId: KEY_ID, intent, eventId: "evt_1" };
}

/** The hold of a job that was received a second ago. */
function hold(facts: Record<string, Fact> = {}): JobHold & { readonly facts: Record<string, Fact> } {
  return {
    facts,
    lease: { confirm: async () => {} },
    journal: {
      receivedAt: NOW - SECOND,
      get facts() {
        return { ...facts };
      },
      note: async (fact, { says }) => void (facts[fact] = { at: new Date(NOW).toISOString(), says }),
    },
  };
}

function run(job: Work["job"], processor: Processor) {
  const measured = openMetrics();
  const processors = { rotate: never, "revoke-first": never, replace: never, inspect: never };
  const process = measured.metrics.processors({ ...processors, [job]: processor })[job];
  return { ...measured, process };
}

const done: Outcome = { kind: "done", result: "rotated", summary: "Rotated." };

describe("a run of a job", () => {
  it.each([
    ["done", async () => done],
    ["wait", async () => ({ kind: "wait", at: NOW, why: "the grace" })],
    ["needs-person", async () => ({ kind: "needs-person", summary: "Help." })],
    ["error", () => Promise.reject(new Error("no"))],
    ["lost", () => Promise.reject(new LeaseLostError())],
  ] satisfies [string, Processor][])("is counted as %s by how it ends", async (outcome, processor) => {
    const { process, value } = run("rotate", processor);
    await process(workOf("rotate", "expiring"), hold()).catch(() => {});
    expect(await value(`job_runs_total{work="rotate",intent="expiring",outcome="${outcome}"}`)).toBe(1);
  });

  it("gives its caller the same outcome and the same error", async () => {
    const error = new Error("no");
    expect(await run("rotate", async () => done).process(workOf("rotate", "manual"), hold())).toBe(done);
    const failing = run("rotate", () => Promise.reject(error));
    await expect(failing.process(workOf("rotate", "manual"), hold())).rejects.toBe(error);
  });

  it("notes and reads what it always did, and each step's time is that since the one before", async () => {
    const { process, value, pass } = run("rotate", async (_work, { journal, lease }) => {
      await lease.confirm();
      pass(200);
      await journal.note("staged", { says: "Staged.", percent: 40 });
      pass(3_000);
      await journal.note("promoted", { says: "Promoted.", percent: 60 });
      expect(Object.keys(journal.facts)).toEqual(["staged", "promoted"]);
      expect(journal.receivedAt).toBe(NOW - SECOND);
      return done;
    });
    const held = hold();
    await process(workOf("rotate", "expiring"), held);
    expect(Object.keys(held.facts)).toEqual(["staged", "promoted"]);
    expect(await value(`step_duration_seconds_sum{step="staged"}`)).toBe(0.2);
    expect(await value(`step_duration_seconds_sum{step="promoted"}`)).toBe(3);
    expect(await value(`job_run_duration_seconds_sum{work="rotate"}`)).toBe(3.2);
  });

  it("makes no series for the name of a consumer, nor for a step that is new", async () => {
    const { process, value } = run("rotate", async (_work, { journal }) => {
      for (const fact of ["consumer-web", "consumer-jobs", "check-errors", "brand-new"])
        await journal.note(fact, { says: "So.", percent: 1 });
      return done;
    });
    await process(workOf("rotate", "expiring"), hold());
    const count = (step: string) => value(`step_duration_seconds_count{step="${step}"}`);
    expect(await Promise.all(["consumer", "check", "other", "brand-new"].map(count))).toEqual([
      2,
      1,
      1,
      undefined,
    ]);
  });
});

describe("an exposure", () => {
  const dead = { at: new Date(NOW + 4 * SECOND).toISOString(), says: "Paddle refuses it." };
  const count = `exposure_to_dead_seconds_count{since="occurred"}`;

  it("is timed from when it occurred, and from when we heard of it, to the proof of the secret's death", async () => {
    const { process, value } = run("revoke-first", async () => done);
    await process(workOf("revoke-first", "exposed"), hold({ formerDied: dead }));
    expect(await value(`exposure_to_dead_seconds_sum{since="occurred"}`)).toBe(64);
    expect(await value(`exposure_to_dead_seconds_sum{since="received"}`)).toBe(5);
    expect(await value(`rotations_ended_total{kind="exposure",outcome="done"}`)).toBe(1);
  });

  it.each([
    ["while its job only waits", "exposed", { kind: "wait", at: NOW, why: "it lives" }, { formerDied: dead }],
    ["that a person must end", "exposed", { kind: "needs-person", summary: "Help." }, { formerDied: dead }],
    ["whose secret was never seen dead", "exposed", done, {}],
    ["while another exposed secret lives", "exposed", done, { formerDied: dead, survivor: dead }],
    ["that a person only asked for", "manual", done, { formerDied: dead }],
  ] as const)("has no such time %s", async (_, intent, outcome, facts) => {
    const { process, value } = run("revoke-first", async () => outcome);
    await process(workOf("revoke-first", intent), hold(facts));
    expect(await value(count)).toBe(0);
  });
});

describe("a webhook", () => {
  it("is counted by a type that Paddle has, and by nothing that a stranger writes", async () => {
    const { metrics, value } = openMetrics();
    const { heard } = metrics.webhooks;
    heard({ type: "api_key.expiring", result: "queued" });
    heard({ type: "transaction.completed", result: "ignored" });
    heard({ type: "api_key.expiring", result: "mismatch" });
    heard({ type: null, result: "not-an-event" });
    const count = (type: string, result: string) =>
      value(`webhooks_received_total{type="${type}",result="${result}"}`);
    expect(await count("api_key.expiring", "queued")).toBe(1);
    expect(await count("other", "ignored")).toBe(1);
    expect(await count("unverified", "mismatch")).toBe(1);
    expect(await count("other", "not-an-event")).toBe(1);
    expect(await count("api_key.expiring", "mismatch")).toBeUndefined();
    expect(await count("api_key.expiring", "not-queued")).toBe(0);
  });

  it("is timed by the status of its answer, of which there are few", async () => {
    const { metrics, value } = openMetrics();
    metrics.webhooks.acknowledged({ status: 200, ms: 12 });
    metrics.webhooks.acknowledged({ status: 418, ms: 1 });
    expect(await value(`webhook_acknowledgement_duration_seconds_sum{status="200"}`)).toBe(0.012);
    expect(await value(`webhook_acknowledgement_duration_seconds_count{status="other"}`)).toBe(1);
  });

  it("costs a few microseconds to count", () => {
    const { heard } = openMetrics().metrics.webhooks;
    const startedAt = performance.now();
    for (let index = 0; index < 10_000; index += 1) heard({ type: "api_key.expiring", result: "queued" });
    // Some 1 µs each on a quiet machine.
    expect((performance.now() - startedAt) / 10_000).toBeLessThan(0.05);
  });
});

describe("a sweep", () => {
  const { signal } = new AbortController();

  it("is counted by how it went, with its time", async () => {
    const { metrics, value, pass } = openMetrics();
    await metrics.sweep(async () => {
      pass(2_000);
      return "good";
    })(signal);
    await metrics.sweep(async () => "faulty")(signal);
    expect(await value(`sweeps_total{result="good"}`)).toBe(1);
    expect(await value(`sweeps_total{result="faulty"}`)).toBe(1);
    expect(await value(`last_sweep_timestamp_seconds{result="good"}`)).toBe(NOW / SECOND);
    expect(await value("sweep_duration_seconds_sum")).toBe(2);
  });

  it("fails with its own error, and hears of the same stop", async () => {
    const { metrics, value } = openMetrics();
    const error = new Error("the queue is down");
    const seen: AbortSignal[] = [];
    const sweep = metrics.sweep((stop) => {
      seen.push(stop);
      return Promise.reject(error);
    });
    await expect(sweep(signal)).rejects.toBe(error);
    expect(seen).toEqual([signal]);
    expect(await value(`sweeps_total{result="error"}`)).toBe(1);
  });

  it("that never ran has no time, rather than the year 1970", async () => {
    const { scrape } = openMetrics();
    expect(await scrape()).not.toMatch(/last_sweep_timestamp_seconds(\{.*\})? \d/);
  });
});
