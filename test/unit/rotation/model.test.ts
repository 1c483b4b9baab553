/** Whatever happens, in whatever order: the invariants hold after every effect, and all comes to its right end. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { tell } from "../../support/engine/model.ts";
import { STORIES } from "../../support/engine/stories.ts";

const RUNS = Number(process.env["MODEL_RUNS"] ?? 2_000);

it("keeps the invariants and comes to a right end, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(STORIES, async (story) => {
      const { wrong } = await tell(story);
      expect(wrong).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 600_000);
