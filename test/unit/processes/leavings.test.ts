/** What work leaves behind is given back where Node lets us, and not while there is work. */
import { expect, it } from "vitest";
import { clearLeavings } from "../../../src/processes/leavings.ts";

const MB = 1024 * 1024;

type Look = { readonly heapMb: number; readonly busy?: number };

/** Runs through these looks and says at which of them it was collected, which makes the heap 40 MB. */
async function collectedAt(seen: readonly Look[]): Promise<number[]> {
  let now = -1;
  const collected: number[] = [];
  async function* each() {
    for (; now + 1 < seen.length;) yield (now += 1);
  }
  const gc = (options?: unknown) => {
    expect(options).toEqual({ type: "major", execution: "sync", flavor: "last-resort" });
    collected.push(now);
    return Promise.resolve();
  };
  const measures = {
    heapBytes: () => (collected.at(-1) === now ? 40 : (seen[now]?.heapMb ?? 0)) * MB,
    busy: () => seen[now]?.busy ?? 0,
  };
  await clearLeavings(gc, measures, each());
  return collected;
}

/** What a process looks like for so many looks. */
function looks(count: number, look: Look): Look[] {
  return Array.from({ length: count }, () => look);
}

const MINUTE = 30;
/** It is collected at the last of them. */
const START = looks(3, { heapMb: 60 });

it("a start gives back what it left behind, and an idle process collects no more", async () => {
  const grownALittle = [41, 70, 80].flatMap((heapMb) => looks(MINUTE, { heapMb }));
  expect(await collectedAt([...START, ...grownALittle])).toEqual([2]);
});

it("a start that finds work, perhaps an emergency, is collected after it", async () => {
  const busy = { heapMb: 90, busy: 0.3 };
  expect(await collectedAt([...START.slice(1), busy, ...START])).toEqual([5]);
});

it("work gives back what it left behind once it has been over for a minute", async () => {
  const work = { heapMb: 170, busy: 0.6 };
  expect(await collectedAt([...START, work, ...looks(MINUTE, { heapMb: 170 }), { heapMb: 41 }])).toEqual([
    2, 33,
  ]);
});

it("a process that rests for less than a minute at a time is never stopped for it", async () => {
  const short = looks(MINUTE - 1, { heapMb: 170 });
  const busy = { heapMb: 170, busy: 0.2 };
  expect(await collectedAt([...START, ...short, busy, ...short, busy])).toEqual([2]);
});

it("a start without leave to do so goes on", async () => {
  await expect(clearLeavings(undefined)).resolves.toBeUndefined();
});
