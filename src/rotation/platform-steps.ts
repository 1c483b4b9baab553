/** What a job does about a key that its platform rotates: it looks on, and asks. */
import { rememberIssuing } from "../core/issued-rotations.ts";
import type { PlatformRotation } from "../core/ports.ts";
import type { Slots } from "../core/slots.ts";
import { noteRevokeFirst } from "./exposures.ts";
import { note, print } from "./noted.ts";
import { tellPlatformFreed } from "./platform-news.ts";
import type { Answers } from "./situation.ts";
import type { Run } from "./steps.ts";

export async function lookAtPlatform(run: Run, slots: Slots, answers: Answers): Promise<Answers> {
  const { name, state } = await lookedAt(run);
  if (state.kind === "done")
    await note(
      run,
      "promoted",
      `${name} has rotated it: ${run.key.store.location} holds ${print(slots.active)} as active.`,
      70,
      slots.active,
    );
  if (state.kind !== "stuck") await tellPlatformFreed(run);
  return slots.active === null || answers.active?.accepted === false
    ? { platform: state, platformWhileRefused: state }
    : { platform: state };
}

/** Noted before it is done: a rotation of which nobody heard more is ours all the same. */
export async function askPlatform(run: Run, slots: Slots, graceSeconds: number): Promise<Answers> {
  const { work, records, clock, hold } = run;
  const platform = platformOf(run);
  const { id: intentId } = work.intent;
  await rememberIssuing(records, work.keyId, intentId);
  if (work.job === "revoke-first")
    await noteRevokeFirst(records, work.keyId, { at: clock.now(), rotationId: intentId });
  await hold.lease.confirm();
  await platform.start({ intentId, graceSeconds });
  await note(
    run,
    "askedPlatform",
    `Asked ${platform.name} to rotate it: ${print(slots.active)} then lives for ${graceSeconds} s more.`,
    30,
    slots.active,
  );
  return { platform: { kind: "running", since: clock.now() } };
}

async function lookedAt(run: Run) {
  const platform = platformOf(run);
  return { name: platform.name, state: await platform.state(run.work.intent.id) };
}

function platformOf({ key }: Run): PlatformRotation {
  const { platform } = key.store;
  if (!platform) throw new Error("the step needs a platform that rotates the key");
  return platform;
}
