/** What an auditor is shown afterwards. */
import { describe, expect, it } from "vitest";
import type { Facts, RecordEntry, Records } from "../../../src/core/ports.ts";
import type { Outcome, Work } from "../../../src/core/work.ts";
import type { AuditRecord } from "../../../src/rotation/audit-record.ts";
import { keepRecord, listRecords, recordOf } from "../../../src/rotation/record.ts";
import { KEY_ID, NOW } from "../../support/admin/keys.ts";
import { captureLog } from "../../support/captured-log.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();
const OLD = "sha256:00000000000000aa";
const NEW = "sha256:00000000000000bb";

const WORK: Work = {
  job: "rotate",
  keyName: "billing",
  keyId: KEY_ID,
  intent: { id: "evt_1", kind: "expiring", requestedAt: NOW },
  eventId: "evt_1",
};
const FACTS: Facts = {
  retired: { at: at(90), says: "Retired.", fingerprint: OLD, issuedAt: at(-3600) },
  staged: { at: at(2), says: "Staged.", fingerprint: NEW, issuedAt: at(1) },
  promoted: { at: at(4), says: "Promoted.", fingerprint: NEW, issuedAt: at(1) },
  activeAsked: { at: at(1), says: "Paddle accepts it." },
};
const DONE: Outcome = { kind: "done", result: "rotated", summary: "billing is rotated." };
const PAGED: Outcome = { kind: "needs-person", summary: "a person was told." };

const make = (work: Partial<Work> = {}, facts: Facts = FACTS, outcome: Outcome = DONE) =>
  recordOf({ ...WORK, ...work }, { receivedAt: NOW + 500, facts }, outcome, NOW + 100_000);

function record(id: string, rest: Partial<AuditRecord> = {}): AuditRecord {
  const made = make({ intent: { ...WORK.intent, id } });
  if (!made) throw new Error("a rotation is recorded");
  return { ...made, ...rest };
}

describe("the record of a job", () => {
  it("says who asked, what was done when, and how long each secret lived", () => {
    expect(make()).toEqual({
      id: "evt_1",
      kind: "rotation",
      keyName: "billing",
      keyId: KEY_ID,
      intent: "expiring",
      eventId: "evt_1",
      requestedAt: at(0),
      receivedAt: at(0.5),
      endedAt: at(100),
      outcome: "done",
      result: "rotated",
      summary: "billing is rotated.",
      steps: [
        { fact: "activeAsked", at: at(1), says: "Paddle accepts it." },
        { fact: "staged", at: at(2), says: "Staged.", fingerprint: NEW },
        { fact: "promoted", at: at(4), says: "Promoted.", fingerprint: NEW },
        { fact: "retired", at: at(90), says: "Retired.", fingerprint: OLD },
      ],
      secrets: [
        { fingerprint: NEW, issuedAt: at(1), endedAt: null, livedSeconds: null },
        { fingerprint: OLD, issuedAt: at(-3600), endedAt: at(90), livedSeconds: 3690 },
      ],
    });
  });

  it("has the clock of an exposure", () => {
    const died = { at: at(3), says: "Dead.", fingerprint: OLD };
    const work = { job: "revoke-first", intent: { ...WORK.intent, kind: "exposed" } } as const;
    expect(make(work, { ...FACTS, formerDied: died })).toMatchObject({
      kind: "exposure",
      exposureClock: {
        occurredAt: at(0),
        receivedAt: at(0.5),
        secretDeadAt: at(3),
        storeUpdatedAt: at(4),
        consumersSafeAt: null,
      },
    });
    expect(make(work, {})).toMatchObject({ exposureClock: { secretDeadAt: null, storeUpdatedAt: null } });
    const activeRefused = { at: at(5), says: "Dead." };
    expect(make(work, { activeRefused })).toMatchObject({ exposureClock: { secretDeadAt: at(5) } });
    const survived = { formerDied: died, survivor: { at: at(3), says: "It lives." } };
    expect(make(work, survived)).toMatchObject({ exposureClock: { secretDeadAt: null } });
    const retired = { at: at(90), says: "Retired." };
    expect(make(work, { ...survived, retired })).toMatchObject({ exposureClock: { secretDeadAt: at(90) } });
  });

  it("takes the first sign of a secret's death for its end, and says null for a life whose beginning is not known", () => {
    const facts: Facts = {
      formerDied: { at: at(3), says: "Dead.", fingerprint: OLD },
      retired: { at: at(90), says: "Retired.", fingerprint: OLD },
    };
    expect(make({}, facts)?.secrets).toEqual([
      { fingerprint: OLD, issuedAt: null, endedAt: at(3), livedSeconds: null },
    ]);
  });

  it.each(["met-already", "stale", "gave-way", "not-managed", "noted"])(
    "is not made where nothing happened: %s",
    (result) => {
      expect(make({}, FACTS, { kind: "done", result, summary: "x" })).toBeNull();
    },
  );

  it.each(["replaced", "nothing-left"])(
    "is made of %s only if the job changed something before",
    (result) => {
      const ended: Outcome = { kind: "done", result, summary: "x" };
      const asked = { activeAsked: { at: at(1), says: "Paddle accepts it." } };
      expect(make({}, asked, ended)).toBeNull();
      for (const fact of ["staged", "promoted", "swappedForward", "putBack", "retired"])
        expect(make({}, { ...asked, [fact]: { at: at(2), says: "Done." } }, ended)).not.toBeNull();
    },
  );

  it("is made of every exposure, also where another job did what was to do", () => {
    const work = { job: "revoke-first", intent: { ...WORK.intent, kind: "exposed" } } as const;
    const ended: Outcome = { kind: "done", result: "replaced", summary: "x" };
    expect(make(work, {}, ended)).toMatchObject({ kind: "exposure", result: "replaced" });
  });

  it("is not made of a job that waits, nor of an inspection", () => {
    expect(make({}, FACTS, { kind: "wait", at: NOW, why: "x" })).toBeNull();
    expect(make({ job: "inspect" })).toBeNull();
  });

  it("says that a person is needed", () => {
    expect(make({ job: "replace" }, {}, PAGED)).toMatchObject({
      kind: "replacement",
      outcome: "needs-person",
      summary: "a person was told.",
    });
  });
});

const idsOf = async (records: Records, limit = 50, before?: string) =>
  (await listRecords(records, { limit, before })).rotations.map(({ id }) => id);

/** Records whose process dies at the next call of this name. */
function dying(records: Records, call: "append" | "putIfAbsent"): Records {
  const died = () => Promise.reject(new Error("killed"));
  return {
    get: (...args) => records.get(...args),
    list: (...args) => records.list(...args),
    trim: (...args) => records.trim(...args),
    append: call === "append" ? died : (...args) => records.append(...args),
    putIfAbsent: call === "putIfAbsent" ? died : (...args) => records.putIfAbsent(...args),
  };
}

describe("keeping records", () => {
  it("keeps a record once and logs it once, however often the job ends", async () => {
    const records = memoryRecords();
    const { log, lines } = captureLog();
    for (let count = 0; count < 3; count += 1) await keepRecord(records, log, record("evt_1"));
    expect(await records.list("audit", { limit: 9 })).toHaveLength(1);
    expect(await listRecords(records, { limit: 9 })).toEqual({ rotations: [record("evt_1")], next: null });
    expect(lines).toMatchObject([{ msg: "audit record", audit: { id: "evt_1", kind: "rotation" } }]);
  });

  it("loses no record and shows it once when the process dies while it is kept", async () => {
    const records = memoryRecords();
    const { log } = captureLog();
    for (const call of ["append", "putIfAbsent", "putIfAbsent"] as const)
      await expect(keepRecord(dying(records, call), log, record("evt_1"))).rejects.toThrow("killed");
    expect(await idsOf(records)).toEqual(["evt_1"]);
    await keepRecord(records, log, record("evt_2"));
    await keepRecord(records, log, record("evt_1"));
    expect(await records.list("audit", { limit: 9 })).toHaveLength(4);
    expect(await idsOf(records)).toEqual(["evt_1", "evt_2"]);
    // Also where the duplicates are on another page.
    const first = await listRecords(records, { limit: 1 });
    expect(first.rotations).toMatchObject([{ id: "evt_1" }]);
    expect(await idsOf(records, 1, first.next ?? undefined)).toEqual(["evt_2"]);
  });

  it("shows the end that came after a person helped, not the call for them", async () => {
    const records = memoryRecords();
    const { log, lines } = captureLog();
    await keepRecord(records, log, record("evt_1", { outcome: "needs-person" }));
    expect(await listRecords(records, { limit: 9 })).toMatchObject({
      rotations: [{ outcome: "needs-person" }],
    });
    await keepRecord(records, log, record("evt_1"));
    expect(await listRecords(records, { limit: 9 })).toMatchObject({ rotations: [{ outcome: "done" }] });
    expect(lines).toHaveLength(2);
  });

  it("gives every record on exactly one page, newest first, whatever the size of the pages", async () => {
    const records = memoryRecords();
    const { log } = captureLog();
    const ids = Array.from({ length: 7 }, (_, index) => `evt_${index}`);
    for (const id of ids) {
      await keepRecord(records, log, record(id, { outcome: "needs-person" }));
      if (id === "evt_3") await keepRecord(records, log, record(id));
    }
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      const seen: string[] = [];
      let next: string | null | undefined;
      do {
        const page = await listRecords(records, { limit, before: next ?? undefined });
        expect(page.rotations.length).toBeLessThanOrEqual(limit);
        seen.push(...page.rotations.map(({ id }) => id));
        next = page.next;
      } while (next !== null);
      expect(seen).toEqual(ids.toReversed());
    }
  });

  it("passes over an entry that is no record", async () => {
    const records = memoryRecords();
    await records.append("audit", { id: "odd" });
    await keepRecord(records, captureLog().log, record("evt_1"));
    expect(await idsOf(records)).toEqual(["evt_1"]);
  });

  it("reads no more of the list than it needs", async () => {
    const records = memoryRecords();
    for (let count = 0; count < 30; count += 1)
      await keepRecord(records, captureLog().log, record(`evt_${count}`));
    const reads: (readonly RecordEntry[])[] = [];
    const watched: Records = {
      ...dying(records, "append"),
      list: async (...args) => {
        const entries = await records.list(...args);
        reads.push(entries);
        return entries;
      },
    };
    expect(await idsOf(watched, 5)).toHaveLength(5);
    expect(reads.map(({ length }) => length)).toEqual([6]);
  });
});
