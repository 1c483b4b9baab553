/** What a step leaves behind: changed slots and a note on them. */
import { type IssuedSecret, type Slots } from "../core/slots.ts";
import { type Read, type Run, write } from "./steps.ts";

type Note = {
  readonly fact: string;
  readonly says: string;
  readonly percent: number;
  readonly about: IssuedSecret | null;
};

/** Writes slots and, if that was taken, notes it. A conflict is no end: the run looks again. */
export async function change(run: Run, read: Read, slots: Slots, { fact, ...what }: Note): Promise<void> {
  if ((await write(run, read, slots)) === "written") await run.hold.journal.note(fact, what);
}

export function note(
  run: Run,
  fact: string,
  says: string,
  percent: number,
  about: IssuedSecret | null = null,
) {
  return run.hold.journal.note(fact, { says, percent, about });
}

export function filled<Slot extends "active" | "old" | "pending" | "standby">(
  slots: Slots,
  slot: Slot,
): NonNullable<Slots[Slot]> {
  const issued = slots[slot];
  if (!issued) throw new Error(`the step needs the ${slot} secret, and there is none`);
  return issued;
}

export function print(issued: IssuedSecret | null): string {
  return issued?.secret.fingerprint() ?? "(none)";
}
