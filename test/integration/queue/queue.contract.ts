/** What the queue promises, whatever server holds it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PaddleError } from "../../../src/core/errors.ts";
import type { Processor } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import type { Outcome } from "../../../src/core/work.ts";
import { toJobData } from "../../../src/queue/job-data.ts";
import { until } from "../../support/until.ts";
import { openSetting, type Setting, someWork } from "./setting.ts";

const DONE: Outcome = { kind: "done", result: "rotated", summary: "It is rotated." };

/** @param url gives the server's address once the tests run */
export function queueContract(server: string, url: () => string): void {
  describe(`the queue on ${server}`, () => {
    let setting: Setting;
    beforeEach(async () => {
      setting = await openSetting(url());
    });
    afterEach(() => setting[Symbol.asyncDispose]());

    const rotations = () => setting.backend.queues.rotations;
    const stateOf = (id: string) => rotations().getJobState(id);
    const untilState = (id: string, state: string) =>
      until(`${id} is ${state}`, async () => (await stateOf(id)) === state);

    it("makes one job of fifty puts of the same work at once", async () => {
      const work = someWork();
      await Promise.all(Array.from({ length: 50 }, () => setting.put(work)));
      expect(await rotations().getJobCountByTypes("waiting", "delayed", "active", "completed")).toBe(1);
    });

    it("runs a job once and keeps what became of it", async () => {
      const work = someWork();
      let runs = 0;
      await setting.work(async () => {
        runs += 1;
        return DONE;
      });
      await setting.put(work);
      await untilState(work.intent.id, "completed");
      await setting.put(work);
      expect((await rotations().getJob(work.intent.id))?.returnvalue).toEqual(DONE);
      expect(await stateOf(work.intent.id)).toBe("completed");
      expect(runs).toBe(1);
    });

    it("hands the work to its processor as it was put", async () => {
      const works = [someWork("rotate"), someWork("revoke-first"), someWork("replace")];
      const seen: unknown[] = [];
      await setting.work(async (work) => {
        seen.push(work);
        return DONE;
      });
      for (const work of works) await setting.put(work);
      await until("all have run", () => seen.length === 3);
      expect(seen).toEqual(expect.arrayContaining(works));
    });

    it("looks again at the time that a run waits for, without counting it as a failure", async () => {
      const work = someWork();
      const runs: number[] = [];
      // Also one between two milliseconds.
      const waitUntil = Date.now() + 700.25;
      await setting.work(async () => {
        runs.push(Date.now());
        return runs.length === 1 ? { kind: "wait", at: waitUntil, why: "grace" } : DONE;
      });
      await setting.put(work);
      await untilState(work.intent.id, "completed");
      expect(runs).toHaveLength(2);
      expect(runs[1]).toBeGreaterThanOrEqual(waitUntil);
      expect((await rotations().getJob(work.intent.id))?.attemptsMade).toBe(1);
    });

    it("shows a job that needs a person as failed, and runs it again when it is put again", async () => {
      const work = someWork();
      let runs = 0;
      await setting.work(async () => {
        runs += 1;
        return runs === 1 ? { kind: "needs-person", summary: "Replace the key by hand." } : DONE;
      });
      await setting.put(work);
      await untilState(work.intent.id, "failed");
      expect((await rotations().getJob(work.intent.id))?.failedReason).toBe("Replace the key by hand.");
      await Promise.all([setting.put(work), setting.put(work), setting.put(work)]);
      await untilState(work.intent.id, "completed");
      expect(runs).toBe(2);
    });

    it("does not retry a job that failed while it was being put", async () => {
      const work = someWork();
      let runs = 0;
      await setting.work(async () => {
        runs += 1;
        return { kind: "needs-person", summary: "Replace the key by hand." };
      });
      // The put's question whether any job has failed is answered late.
      const addTo = setting.backend.addTo.bind(setting.backend);
      setting.backend.addTo = async (queue, job) => {
        const added = await addTo(queue, job);
        await untilState(work.intent.id, "failed");
        return { ...added, besideFailed: true };
      };
      await setting.put(work);
      expect(await stateOf(work.intent.id)).toBe("failed");
      expect(runs).toBe(1);
    });

    it("tries a job again that threw, and shows nothing of an error that may quote a secret", async () => {
      const work = someWork();
      let runs = 0;
      await setting.work(async () => {
        runs += 1;
        if (runs === 1) throw new Error("401 for Bearer canary-secret");
        return DONE;
      });
      await setting.put(work);
      await untilState(work.intent.id, "delayed");
      const job = await rotations().getJob(work.intent.id);
      expect(JSON.stringify([job?.failedReason, job?.stacktrace])).not.toContain("canary-secret");
      expect(job?.attemptsMade).toBe(1);
      await untilState(work.intent.id, "completed");
    });

    it("warns a person once when a job keeps failing", async () => {
      const work = someWork();
      const failure = new PaddleError("GET /api-keys/…: 503", {
        code: "x",
        status: 503,
        effect: "none",
        retry: "later",
      });
      await setting.work(() => Promise.reject(failure));
      await setting.put(work);
      for (let failures = 1; failures <= 4; failures += 1) {
        await until(
          `failure ${failures}`,
          async () => (await rotations().getJob(work.intent.id))?.attemptsMade === failures,
        );
        await untilState(work.intent.id, "delayed");
        await (await rotations().getJob(work.intent.id))?.changeDelay(0);
      }
      await until("the alert is sent", () => setting.sent.length > 0);
      expect(setting.sent.map(({ kind }) => kind)).toEqual(["job-failing"]);
      expect(setting.sent[0]?.happened).toContain("GET /api-keys/…: 503");
    });

    it("keeps the journal of a job: sentences with their times, dated facts, progress", async () => {
      const work = someWork();
      await setting.work(async (_work, { journal }) => {
        const about = { ...unknownOrigin(new Secret("a secret")), issuedAt: 0 };
        await journal.note("staged", { says: "Staged: it is saved.", percent: 40, about });
        await journal.note("promoted", { says: "Promoted: it is active.", percent: 70 });
        return DONE;
      });
      await setting.put(work);
      await untilState(work.intent.id, "completed");
      const job = await rotations().getJob(work.intent.id);
      expect(job?.data.facts).toEqual({
        staged: {
          at: expect.stringMatching(/Z$/),
          says: "Staged: it is saved.",
          fingerprint: "sha256:984ca5162200734c",
          issuedAt: "1970-01-01T00:00:00.000Z",
        },
        promoted: { at: expect.stringMatching(/Z$/), says: "Promoted: it is active." },
      });
      expect(job?.data).toMatchObject({ v: 1, keyName: "billing-worker", intent: "expiring" });
      expect(job?.progress).toBe(70);
      const { logs } = await rotations().getJobLogs(work.intent.id);
      expect(logs).toEqual([
        expect.stringMatching(/Z Staged: it is saved\.$/),
        expect.stringMatching(/Z Promoted: /),
      ]);
    });

    it("keeps a job that a newer release wrote, for a release that can read it", async () => {
      await setting.work(async () => DONE);
      await rotations().add("rotate", { v: 2, novelty: [1] }, { jobId: "evt_newer" });
      await rotations().add("a-new-one", { v: 1 }, { jobId: "evt_other" });
      for (const id of ["evt_newer", "evt_other"]) {
        await untilState(id, "delayed");
        const job = await rotations().getJob(id);
        expect([job?.attemptsMade, job?.failedReason]).toEqual([0, undefined]);
        expect(job?.data).toMatchObject({ unreadSince: expect.stringMatching(/Z$/) });
      }
      expect((await rotations().getJob("evt_newer"))?.data).toMatchObject({ v: 2, novelty: [1] });
    });

    it("pages when nobody comes that can read such a job, and calls it off when somebody does", async () => {
      await setting.work(async () => DONE);
      const work = someWork();
      const { id } = work.intent;
      const unreadSince = new Date(Date.now() - 3_600_000).toISOString();
      const readable = toJobData(work);
      await rotations().add("rotate", { ...readable, v: 2, unreadSince }, { jobId: id });
      await until("people hear of it", () => setting.sent.length > 0);
      await untilState(id, "delayed");
      expect(setting.sent[0]).toMatchObject({ kind: "job-failing", keyName: work.keyName });
      // As if the release had come for which version 2 is what version 1 is for this one.
      const job = await rotations().getJob(id);
      await job?.updateData({ ...readable, unreadSince });
      await job?.promote();
      await untilState(id, "completed");
      await until("the all-clear is sent", () => setting.sent.length === 2);
      expect(setting.sent[1]).toMatchObject({ kind: "job-works", incident: { state: "over" } });
      expect((await rotations().getJob(id))?.data).not.toHaveProperty("unreadSince");
    });

    it("sends an alert once however often it is raised", async () => {
      const about = { keyName: null, keyId: null, happened: "It happened.", action: null, raisedAt: 0 };
      const alert = { ...about, id: "key:lost/1", kind: "key-lost", severity: "critical" } as const;
      await Promise.all([setting.raise(alert), setting.raise(alert), setting.raise(alert)]);
      await setting.raise({ ...alert, id: "key-lost-2" });
      await until("both are sent", () => setting.sent.length === 2);
      expect(await setting.backend.queues.alerts.getJobCountByTypes("completed", "waiting", "active")).toBe(
        2,
      );
    });

    it("gives a job back when the service stops, so that another one goes on with it at once", async () => {
      const work = someWork();
      const cut = new PaddleError("closed", { code: "closed", status: null, effect: "none", retry: "later" });
      const started = Promise.withResolvers<void>();
      const stopping = Promise.withResolvers<void>();
      const processor: Processor = async () => {
        started.resolve();
        await stopping.promise;
        throw cut;
      };
      const workers = await setting.work(processor);
      await setting.put(work);
      await started.promise;
      const closed = workers[Symbol.asyncDispose]();
      stopping.resolve();
      await closed;
      expect(await stateOf(work.intent.id)).toMatch(/delayed|waiting/);
      expect((await rotations().getJob(work.intent.id))?.attemptsMade).toBe(0);
      await setting.work(async () => DONE);
      await untilState(work.intent.id, "completed");
    });
  });
}
