/** Attestations in an append-only list: the latest of each instance counts, for a quarter of an hour. */
import { beforeEach, describe, expect, it } from "vitest";
import { type AttestationLists, recordedAttestations } from "../../../src/consumers/attestations.ts";
import { MAX_INSTANCES } from "../../../src/core/consumer.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const NEW = "sha256:0123456789abcdef";
const FORMER = "sha256:00000000000000aa";
const MINUTE = 60_000;

let clock: FakeClock;
let records: ReturnType<typeof memoryRecords>;
let appended: number;
let read: number;
let trimmed: string[];

beforeEach(() => {
  clock = new FakeClock();
  records = memoryRecords();
  appended = 0;
  read = 0;
  trimmed = [];
});

/** As every process has its own. */
function attestations() {
  const lists: AttestationLists = {
    async append(list, value) {
      appended += 1;
      return records.append(list, value);
    },
    async list(list, options) {
      const entries = await records.list(list, options);
      read += entries.length;
      return entries;
    },
    async trim(_list, before) {
      trimmed.push(before);
    },
  };
  return recordedAttestations({ records: lists, clock });
}

describe("attestations in the records", () => {
  it("are seen by every process, the latest of each instance", async () => {
    const [one, other] = [attestations(), attestations()];
    await one.take("billing", { instance: "a", fingerprint: FORMER });
    await other.take("billing", { instance: "a", fingerprint: NEW });
    await one.take("billing", { instance: "b", fingerprint: FORMER });
    await one.take("shop", { instance: "a", fingerprint: FORMER });
    expect(await one.of("billing")).toEqual(await other.of("billing"));
    expect(await one.of("billing")).toEqual({
      complete: true,
      attestations: expect.arrayContaining([
        { instance: "a", fingerprint: NEW },
        { instance: "b", fingerprint: FORMER },
      ]),
    });
    expect((await one.of("billing")).attestations).toHaveLength(2);
  });

  it("count for 15 minutes and no longer, unless they are repeated", async () => {
    const book = attestations();
    await book.take("billing", { instance: "a", fingerprint: NEW });
    await book.take("billing", { instance: "b", fingerprint: NEW });
    await clock.advance(10 * MINUTE);
    await book.take("billing", { instance: "b", fingerprint: NEW });
    await clock.advance(5 * MINUTE - 1);
    expect((await book.of("billing")).attestations).toHaveLength(2);
    await clock.advance(1);
    expect((await book.of("billing")).attestations).toEqual([{ instance: "b", fingerprint: NEW }]);
  });

  it("take no room for a repetition within 5 minutes, and do for another secret", async () => {
    const book = attestations();
    await book.take("billing", { instance: "a", fingerprint: FORMER });
    for (let times = 0; times < 100; times += 1)
      await book.take("billing", { instance: "a", fingerprint: FORMER });
    expect(appended).toBe(1);
    await book.take("billing", { instance: "a", fingerprint: NEW });
    expect(appended).toBe(2);
    await clock.advance(5 * MINUTE - 1);
    await book.take("billing", { instance: "a", fingerprint: NEW });
    expect(appended).toBe(2);
    await clock.advance(1);
    await book.take("billing", { instance: "a", fingerprint: NEW });
    expect(appended).toBe(3);
  });

  it("are refused from one instance more than are counted, until another falls silent", async () => {
    const book = attestations();
    const take = (name: string) => book.take("billing", { instance: name, fingerprint: NEW });
    for (let index = 0; index < MAX_INSTANCES; index += 1) expect(await take(`i-${index}`)).toBe("taken");
    expect(await take("one-more")).toBe("full");
    expect(await take("i-0")).toBe("taken");
    expect(await book.of("billing")).toMatchObject({ complete: true });
    await clock.advance(15 * MINUTE);
    expect(await take("one-more")).toBe("taken");
  });

  it("are read from the newest back to the first that is too old, however long the list is", async () => {
    const book = attestations();
    for (let index = 0; index < 3_000; index += 1)
      await records.append("attestations.billing", { instance: `old-${index}`, fingerprint: NEW, at: 0 });
    await book.take("billing", { instance: "a", fingerprint: NEW });
    read = 0;
    expect(await book.of("billing")).toEqual({
      complete: true,
      attestations: [{ instance: "a", fingerprint: NEW }],
    });
    expect(read).toBeLessThanOrEqual(500);
  });

  it("are told to be incomplete where more is fresh than can be read", async () => {
    for (let index = 0; index < 8_500; index += 1)
      await records.append("attestations.billing", { instance: "a", fingerprint: NEW, at: clock.now() });
    expect(await attestations().of("billing")).toMatchObject({ complete: false });
    expect(read).toBe(8_000);
  });

  it("let the records forget what is too old, when they can and only when somebody attests", async () => {
    const book = attestations();
    await book.take("billing", { instance: "a", fingerprint: NEW });
    await clock.advance(15 * MINUTE);
    await book.of("billing");
    expect(trimmed).toEqual([]);
    await book.take("billing", { instance: "a", fingerprint: NEW });
    expect(trimmed).toEqual(["0000000000000000001"]);
  });

  it("pass over entries that are none", async () => {
    await records.append("attestations.billing", "odd");
    await records.append("attestations.billing", { instance: "a", fingerprint: NEW, at: clock.now() });
    expect((await attestations().of("billing")).attestations).toHaveLength(1);
  });
});
