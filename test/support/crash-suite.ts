/**
 * The crash matrix of some stories with real processes: every cell is a test. A run has those where most is at stake, and
 * in memory a process dies at every effect; with CRASH_CELLS=all it has all of them.
 */
import { describe, inject, it } from "vitest";
import { playCell, type Strike } from "./crash-cell.ts";
import { effectsOf, type Story } from "./crash-story.ts";

export const ALL_CELLS = process.env["CRASH_CELLS"] === "all";

type Cell = Strike & { readonly effect: string; readonly queue: "redisUrl" | "postgresUrl" };

export async function describeCrashes(stories: readonly Story[]): Promise<void> {
  for (const [place, story] of stories.entries()) {
    const effects = await effectsOf(story);
    describe(`${story.name}: the service that`, () => {
      // Else a cell would be missing, or strike at another effect than it says.
      it.concurrent("is not disturbed passes the effects that are known in memory", async ({ expect }) => {
        await playCell(story, { passes: effects }, { queueUrl: inject("redisUrl"), expect });
      });

      it.concurrent.for(cellsOf(story, effects, { onPostgres: place === 0 || ALL_CELLS }))(
        "$strike effect $index, $effect, comes to its right end after a restart ($queue)",
        async (cell, { expect }) => {
          await playCell(story, cell, { queueUrl: inject(cell.queue), expect });
        },
      );
    });
  }
}

function cellsOf(
  story: Story,
  effects: readonly string[],
  { onPostgres }: { readonly onPostgres: boolean },
): Cell[] {
  const cell = (index: number, queue: Cell["queue"]): Cell => ({
    strike: "dies after",
    index,
    effect: effects[index] ?? "",
    queue,
  });
  const telling = effects.flatMap((name, index) => (name === "queue.note" ? [] : [index]));
  const onRedis = ALL_CELLS ? (story.sample ?? telling) : story.always;
  return [
    ...onRedis.map((index) => cell(index, "redisUrl")),
    ...(onPostgres ? [cell(story.onPostgres, "postgresUrl")] : []),
  ];
}
