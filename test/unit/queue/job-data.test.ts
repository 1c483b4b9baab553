import { describe, expect, it } from "vitest";
import type { Work } from "../../../src/core/work.ts";
import { factsOf, fromJob, OtherReleaseError, toJobData } from "../../../src/queue/job-data.ts";

const AT = Date.parse("2026-11-24T00:00:03.120Z");
const WORK: Work = {
  job: "rotate",
  keyName: "billing-worker",
  keyId: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
  intent: { id: "evt_1", kind: "expiring", requestedAt: AT },
  eventId: "evt_1",
  keyExpiresAt: AT + 7 * 86_400_000,
};
const job = (data: unknown) => ({
  id: "evt_1",
  name: "rotate" as const,
  data: JSON.parse(JSON.stringify(data)) as unknown,
});

describe("work that was stored as a job", () => {
  it.each<[string, Work]>([
    ["of a webhook", WORK],
    ["of a key that no configuration names", { ...WORK, keyName: null }],
    [
      "about a rotation that may not be ours",
      { ...WORK, inspected: { what: "rotation", rotationId: "apkrot_1" } },
    ],
    ["about a change of a key", { ...WORK, inspected: { what: "key", event: "updated" } }],
    ["without an expiry", { ...WORK, keyExpiresAt: null }],
    [
      "of a person",
      { ...WORK, intent: { id: "evt_1", kind: "manual", requestedAt: AT }, eventId: null, graceSeconds: 0 },
    ],
  ])("comes back as it was: %s", (_which, work) => {
    expect(fromJob(job(toJobData(work)))).toEqual(work);
  });

  it("has the names that people read in the dashboard, and times they can read", () => {
    expect(toJobData(WORK)).toEqual({
      v: 1,
      keyName: "billing-worker",
      keyId: WORK.keyId,
      intent: "expiring",
      eventId: "evt_1",
      requestedAt: "2026-11-24T00:00:03.120Z",
      keyExpiresAt: "2026-12-01T00:00:03.120Z",
      facts: {},
    });
  });

  it("is read although a newer release has added fields of its own", () => {
    expect(fromJob(job({ ...toJobData(WORK), novelty: true }))).toEqual(WORK);
  });

  it("waits for a release that can read it when its version is another", () => {
    const read = () => fromJob(job({ ...toJobData(WORK), v: 2 }));
    expect(read).toThrow("run the release that wrote it");
    expect(read).toThrow(OtherReleaseError);
    expect(read).toThrow(expect.objectContaining({ retry: "later", effect: "none" }));
  });

  it.each(["a-new-one", "toString"])(
    "waits for a release that can read it when nobody here knows its name: %s",
    (name) => {
      expect(() => fromJob({ ...job(toJobData(WORK)), name })).toThrow(OtherReleaseError);
    },
  );

  it("is read although a worker that could not read it has marked it", () => {
    expect(fromJob(job({ ...toJobData(WORK), unreadSince: "2026-11-24T00:00:00.000Z" }))).toEqual(WORK);
  });

  it.each([null, "text", {}, { v: 1 }, { ...toJobData(WORK), requestedAt: "yesterday" }])(
    "is refused, naming the fields and no values, when it cannot be read: %j",
    (data) => {
      const read = () => fromJob(job(data));
      expect(read).toThrow(expect.objectContaining({ name: "QueueError", retry: "never" }));
      expect(read).not.toThrow(OtherReleaseError);
      expect(read).not.toThrow("yesterday");
    },
  );

  it("keeps the facts noted so far, and nothing that is not one", () => {
    const staged = { at: "2026-11-24T00:00:04Z", says: "Staged.", fingerprint: "sha256:0123456789abcdef" };
    expect(factsOf({ facts: { staged, broken: "a text" } })).toEqual({ staged });
    expect(factsOf({ facts: "none" })).toEqual({});
    expect(factsOf(null)).toEqual({});
  });
});
