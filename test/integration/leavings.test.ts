/** V8 does what a quiet process asks it for. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** Says what V8 collected, once it was told to collect all that there is. */
const PROGRAM = `
  import { constants, PerformanceObserver } from "node:perf_hooks";
  import { clearLeavings } from "./src/processes/leavings.ts";
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      const isWhole = (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE) !== 0;
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && isWhole) {
        console.log("all is collected");
        process.exit(0);
      }
    }
  }).observe({ entryTypes: ["gc"] });
  setTimeout(() => process.exit(1), 20_000);
  await clearLeavings();
`;

it("a quiet process has V8 give back all that it can, as npm start and the container start it", async () => {
  const args = ["--expose-gc", "--input-type=module-typescript", "--eval", PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe("all is collected\n");
});
