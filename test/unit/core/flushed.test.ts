import { afterEach, describe, expect, it, vi } from "vitest";
import { flushed } from "../../../src/core/flushed.ts";

afterEach(() => vi.useRealTimers());

describe("waiting for a log", () => {
  it("ends with the flush, also where there is no disk to sync to", async () => {
    await flushed({ flush: (done) => done?.(new Error("EINVAL")) });
  });

  it("ends after 2 s where nobody reads it", async () => {
    vi.useFakeTimers();
    let isOver = false;
    const over = flushed({ flush: () => {} }).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await over;
    expect(isOver).toBe(true);
  });
});
