/** What work leaves behind is given back where Node lets us, and not while there is work. */
import { expect, it } from "vitest";
import { clearLeavings } from "../../../src/processes/leavings.ts";

const MB = 1024 * 1024;

type Look = { readonly heapMb: number; readonly busy?: number };

/** Runs through these looks and says at which of them it was collected, which makes the heap 40 MB. */
async function collectedAt(looks: readonly Look[]): Promise<number[]> {
  let now = -1;
  const collected: number[] = [];
  async function* each() {
    for (; now + 1 < looks.length;) yield (now += 1);
  }
  const gc = (options?: unknown) => {
    expect(options).toEqual({ type: "major", execution: "sync", flavor: "last-resort" });
    collected.push(now);
    return Promise.resolve();
  };
  const measures = {
    heapBytes: () => (collected.at(-1) === now ? 40 : (looks[now]?.heapMb ?? 0)) * MB,
    busy: () => looks[now]?.busy ?? 0,
  };
  await clearLeavings(gc, measures, each());
  return collected;
}

it("a start gives back what it left behind, and an idle process collects no more", async () => {
  expect(await collectedAt([{ heapMb: 60 }, { heapMb: 41 }, { heapMb: 70 }, { heapMb: 80 }])).toEqual([0]);
});

it("work gives back what it left behind once it is over", async () => {
  const looks = [{ heapMb: 60 }, { heapMb: 170, busy: 0.6 }, { heapMb: 170 }, { heapMb: 41 }];
  expect(await collectedAt(looks)).toEqual([0, 2]);
});

it("a process that never rests is never stopped for it", async () => {
  const busy = { heapMb: 170, busy: 0.2 };
  expect(await collectedAt([{ heapMb: 60 }, busy, busy, busy])).toEqual([0]);
});

it("a start without leave to do so goes on", async () => {
  await expect(clearLeavings(undefined)).resolves.toBeUndefined();
});
