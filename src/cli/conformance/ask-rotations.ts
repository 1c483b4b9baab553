/**
 * The story of one key's rotations, which answers most questions: each chapter leaves the key with one secret that is
 * known to work, and that is in the file. A secret is saved before its first use.
 */
import type { KeySeen, Made, RotationSeen } from "./asker.ts";
import { beginFirst, cancelFirst, useSecond } from "./first-chapters.ts";
import { rotateInGrace, rotateWithNew, rotateWithoutGrace } from "./later-chapters.ts";
import type { Story } from "./story.ts";
import { orderOf, shows } from "./words.ts";

/** Every rotation in the order of its creation, of which the list is asked about. */
export async function askRotations(story: Story, key: KeySeen): Promise<void> {
  const given = story.file.active;
  const first = await beginFirst(story, key);
  const second = await cancelFirst(story, first);
  const used = await useSecond(story, second, given);
  const made = [first.rotation, second.rotation];
  if (await rotateInGrace(story, { given, second, expiry: used.expires_at }, made)) {
    await rotateWithNew(story, made);
    await rotateWithoutGrace(story, [given, second.secret], made);
  }
  await readAgain(story, { canceled: first, completed: second }, made);
}

/** What is shown of rotations that are over, and the list of them. @param made in the order of their creation */
async function readAgain(
  { asker, file, findings }: Story,
  { canceled, completed }: { canceled: Made; completed: Made },
  made: readonly RotationSeen[],
): Promise<void> {
  const { active } = file;
  findings.note(
    "new-key-canceled",
    shows(await asker.rotation(canceled.rotation.id, active), canceled.secret),
  );
  findings.note(
    "new-key-completed",
    shows(await asker.rotation(completed.rotation.id, active), completed.secret),
  );
  findings.note("pending-lifetime", "unknown: it is not waited for");
  const listed = await asker.rotations(active);
  const ids = made.map(({ id }) => id);
  const found = listed.filter(({ id }) => ids.includes(id));
  findings.yesNo(
    "list-complete",
    found.length === ids.length,
    found.length === ids.length ? "" : `, ${found.length} of ${ids.length}`,
  );
  findings.note("list-order", orderOf(found.map(({ id }) => ids.indexOf(id))));
  const item = (of: Made) => found.find(({ id }) => id === of.rotation.id);
  const words = [
    `canceled: ${shows(item(canceled), canceled.secret)}`,
    `completed: ${shows(item(completed), completed.secret)}`,
  ];
  findings.note("list-new-key", words.join("; "));
}
