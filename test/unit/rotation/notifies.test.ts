/**
 * Every failure and every recovery notifies: whatever fails for however long, and whatever happens to a key, people
 * hear of what they must deal with, and hear when it is over.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { runbookEntry } from "../../../src/alerts/runbook.ts";
import { type Channel } from "./notifies-queue.ts";
import { FORMER_FAULTS, STORIES, tell } from "./notifies-stories.ts";
import type { NotifiesWorld } from "./notifies-world.ts";

const RUNS = Number(process.env["NOTIFIES_RUNS"] ?? 25);

it("tells people of every failure and every recovery, once", async () => {
  await fc.assert(
    fc.asyncProperty(STORIES, async (story) => {
      const told = await tell(story);
      expect(wrongIn(told, (await told.queue()).waiting)).toEqual([]);
    }),
    { numRuns: RUNS + FORMER_FAULTS.length, examples: FORMER_FAULTS.map((story) => [story]) },
  );
}, 120_000);

function wrongIn(told: NotifiesWorld, waiting: readonly string[]): string[] {
  return [
    ...told.world.broken,
    ...waiting.map((id) => `${id} was never delivered`),
    ...untold(told),
    ...told.channels.flatMap((channel) => endingsOf(channel, isDead(told))),
    ...unknown(told),
  ];
}

/** Of what a person has to deal with. */
function untold({ trouble, world, channels }: NotifiesWorld): string[] {
  const sent = new Set(channels.flatMap((channel) => channel.sent.map(({ id }) => id)));
  const missing = world.alerts
    .filter(({ id }) => !sent.has(id))
    .map(({ id }) => `${id} was raised and told to nobody`);
  const silent = trouble.flatMap(({ jobId, what }) => {
    const isTold =
      what === "keeps failing"
        ? [...sent].some((id) => id.startsWith(`job-failing-${jobId}`))
        : world.alerts.some(({ action }) => action !== null);
    return isTold ? [] : [`the job ${jobId} ${what}, and nobody was told`];
  });
  return [...missing, ...new Set(silent)];
}

/** What opens is closed once, after that, and nothing is told twice. */
function endingsOf({ name, sent }: Channel, keyIsDead: boolean): string[] {
  const wrong: string[] = [];
  const ids = sent.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index)))
    wrong.push(`${name} was told ${id} twice`);
  const open = new Set<string>();
  for (const { id, incident } of sent) {
    if (!incident) continue;
    if (incident.state === "open") open.add(incident.id);
    else if (!open.delete(incident.id)) wrong.push(`${name} was told by ${id} of an end without a beginning`);
  }
  const unended = [...open].filter((id) => !(keyIsDead && PAGES.test(id)));
  return [...wrong, ...unended.map((id) => `${name} was never told that ${id} is over`)];
}

/** Pages that only a person ends, by bringing a key; in these stories some never do. */
const PAGES = /^(key-(exposed|expired|revoked|lost)|not-rotatable)-/;

function isDead({ world }: NotifiesWorld): boolean {
  return !world.isAlive(world.store.slots.active?.secret);
}

function unknown({ channels }: NotifiesWorld): string[] {
  const kinds = new Set(channels.flatMap(({ sent }) => sent.map(({ kind }) => kind)));
  return [...kinds].filter((kind) => !runbookEntry(kind)).map((kind) => `the runbook does not know ${kind}`);
}
