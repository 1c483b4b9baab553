/** Stories that the model made up and that once ended badly, each told with a stop at every effect. */
import { describe, expect, it } from "vitest";
import { tell } from "../../support/engine/model.ts";
import type { Act, Story } from "../../support/engine/story.ts";
import type { WorldOptions } from "../../support/engine/world.ts";

/** More effects than any run has. */
const EFFECTS = 30;

/** `acts`: what happens around the work of the first worker, which is stopped after so many effects. */
type Trace = {
  readonly name: string;
  readonly options?: WorldOptions;
  readonly acts: (work: Act) => readonly Act[];
};

const POLICY = { graceSeconds: 0 } as const;

const TRACES: readonly Trace[] = [
  {
    name: "a store restored to before an exposure that was dealt with: the dead secret is not passed over",
    options: { policy: POLICY },
    acts: (work) => [{ act: "asked", job: "revoke-first" }, work, { act: "restored" }],
  },
  {
    name: "a key revoked while the death of its former secret is being proved: the job goes on",
    options: { policy: POLICY },
    acts: (work) => [{ act: "asked", job: "revoke-first" }, work, { act: "revoked" }, more(9)],
  },
  {
    name: "an exposed key revoked by Paddle while it rotates: the standby takes its place",
    options: { policy: POLICY, standby: "elsewhere" },
    acts: (work) => [{ act: "asked", job: "revoke-first" }, work, { act: "exposed", revoked: true }, more(9)],
  },
  {
    name: "a standby promoted a moment ago still lies in its own store: it is rotated in the right one",
    options: { policy: POLICY, standby: "elsewhere" },
    acts: (work) => [
      { act: "exposed", revoked: true },
      { act: "asked", job: "rotate" },
      work,
      { act: "asked", job: "rotate" },
    ],
  },
  {
    name: "a key in the place of one without rotation is rotated at once: people are asked to end the former one",
    options: { policy: POLICY, key: { rotatable: false }, standby: "elsewhere" },
    acts: (work) => [{ act: "asked", job: "rotate" }, work, { act: "asked", job: "rotate" }],
  },
  {
    name: "a person brings a key and then another: people are asked to end both former ones",
    options: { policy: POLICY },
    acts: (work) => [{ act: "brought" }, work, { act: "brought" }],
  },
  {
    name: "a thief took the key over, and the standby took its place: people are told to revoke it",
    options: { policy: POLICY, standby: "same-store" },
    acts: () => [{ act: "thief", activates: true, graceSeconds: 0 }],
  },
  {
    name: "a thief took the key over, and a person asks for revoke-first: people are told to revoke it",
    options: { policy: POLICY, standby: "same-store" },
    acts: (work) => [
      { act: "thief", activates: true, graceSeconds: 0 },
      { act: "asked", job: "revoke-first" },
      work,
    ],
  },
  {
    name: "an exposure handled gracefully while a person's revoke-first is at work: it is not forgotten",
    options: { policy: { ...POLICY, onExposure: "graceful" } },
    acts: (work) => [{ act: "asked", job: "revoke-first" }, work, { act: "exposed", revoked: false }],
  },
  {
    name: "an exposure handled gracefully, and the key is revoked for it: its job ends, too",
    options: { policy: { ...POLICY, onExposure: "graceful" } },
    acts: (work) => [{ act: "asked", job: "revoke-first" }, work, { act: "exposed", revoked: true }],
  },
  {
    name: "a revoked key brought back in the middle of an exposure: every exposed secret is proved dead",
    acts: (work) => [
      { act: "asked", job: "rotate" },
      more(12),
      { act: "exposed", revoked: false },
      { act: "webhook", which: 0, again: false },
      { act: "webhook", which: 0, again: false },
      { act: "webhook", which: 0, again: false },
      work,
      { act: "mishap", worker: 0, move: "dies before" },
      { act: "revoked" },
      { act: "reactivated" },
    ],
  },
];

function more(effects: number): Act {
  return { act: "work", worker: 0, effects };
}

describe("comes to a right end wherever it is stopped:", () => {
  it.each(TRACES)(
    "$name",
    async ({ options = {}, acts }) => {
      for (let effects = 1; effects <= EFFECTS; effects += 1)
        for (const catchesUp of [false, true]) {
          const story: Story = { options, acts: acts(more(effects)), catchesUp };
          const { wrong } = await tell(story);
          expect(wrong, `after ${effects} effects`).toEqual([]);
        }
    },
    30_000,
  );
});
