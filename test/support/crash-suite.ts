/** The crash matrix of some stories with real processes: every cell is a test. */
import { describe, inject, it } from "vitest";
import { playCell, type Strike } from "./crash-cell.ts";
import { effectsOf, type Story } from "./crash-story.ts";

type Cell = Strike & { readonly effect: string; readonly queue: "redisUrl" | "postgresUrl" };

export async function describeCrashes(stories: readonly Story[]): Promise<void> {
  for (const story of stories) {
    const effects = await effectsOf(story);
    describe(`${story.name}: the service that`, () => {
      // Else a cell would be missing, or strike at another effect than it says.
      it.concurrent("is not disturbed passes the effects that are known in memory", async ({ expect }) => {
        await playCell(story, { passes: effects }, { queueUrl: inject("redisUrl"), expect });
      });

      it.concurrent.for(cellsOf(story, effects))(
        "$strike effect $index, $effect, comes to its right end after a restart ($queue)",
        async (cell, { expect }) => {
          await playCell(story, cell, { queueUrl: inject(cell.queue), expect });
        },
      );
    });
  }
}

function cellsOf({ sample, onPostgres }: Story, effects: readonly string[]): Cell[] {
  const effect = (index: number) => effects[index] ?? "";
  const telling = effects.flatMap((name, index) => (name === "queue.note" ? [] : [index]));
  return [
    ...(sample ?? telling).map((index) => ({
      strike: "dies after" as const,
      index,
      effect: effect(index),
      queue: "redisUrl" as const,
    })),
    {
      strike: "dies after",
      index: onPostgres,
      effect: effect(onPostgres),
      queue: "postgresUrl",
    },
  ];
}
