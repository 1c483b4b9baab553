/** One look at one managed key: its store and what the records know of it. Costs one read of the store. */
import { z } from "zod";
import { lastState } from "../alerts/on-change.ts";
import { inWords, StandbyFault } from "../alerts/standby-faults.ts";
import { RotatorError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Clock, Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import { activeKeyId, type IssuedSecret, type Slots } from "../core/slots.ts";
import { waitWithin } from "../core/wait-within.ts";
import { lastSeen, type SeenKey } from "../rotation/seen-keys.ts";
import { latestProgress, type SwitchOverProgress } from "../rotation/switch-over-progress.ts";

const STORE_MS = 3_000;

/** What one look found. Kept for a while; what depends on the time is made of it when it is shown. */
export type KeyLook = {
  /** Or why the store did not say, in public words. */
  readonly slots: Slots | string;
  readonly paddle: SeenKey | null;
  /** From when the active secret's age counts if nobody knows when it was issued. */
  readonly firstSeenAt: number | undefined;
  readonly progress: SwitchOverProgress | null;
  readonly standby: { readonly secret: IssuedSecret | null; readonly fault: string | null };
  /** Epoch milliseconds. */
  readonly at: number;
};

export type LookDeps = { readonly records: Pick<Records, "get" | "list">; readonly clock: Clock };

/** Throws QueueError if the records cannot be read; what is wrong with the store is in the look. */
export async function lookAt(key: ManagedKey, { records, clock }: LookDeps): Promise<KeyLook> {
  const slots = await readSlots(key, clock);
  const held = typeof slots === "string" ? null : slots;
  const keyId = held && activeKeyId(held);
  const [paddle, firstSeenAt, progress, fault, standby] = await Promise.all([
    keyId ? lastSeen(records, keyId) : null,
    held?.active ? records.get("first-seen", held.active.secret.fingerprint()) : undefined,
    latestProgress(records, key.name),
    lastState(records, `standby-${key.name}`),
    standbyOf(key, held, clock),
  ]);
  return {
    slots,
    paddle,
    firstSeenAt: typeof firstSeenAt === "number" ? firstSeenAt : undefined,
    progress,
    standby: { secret: standby, fault: faultOf(fault, standby) },
    at: clock.now(),
  };
}

async function readSlots({ store }: ManagedKey, clock: Clock): Promise<Slots | string> {
  try {
    const late = () => new Late(`${store.location} did not answer within ${STORE_MS / 1000} s`);
    return (await waitWithin(clock, STORE_MS, store.read(), late)).slots;
  } catch (error) {
    return error instanceof RotatorError || error instanceof Late ? error.message : describeError(error);
  }
}

class Late extends Error {}

async function standbyOf(key: ManagedKey, slots: Slots | null, clock: Clock): Promise<IssuedSecret | null> {
  if (!key.standbyStore) return slots?.standby ?? null;
  const elsewhere = await readSlots({ ...key, store: key.standbyStore }, clock);
  return typeof elsewhere === "string" ? null : elsewhere.standby;
}

const Remembered = z.object({ fingerprint: z.string().nullable(), fault: StandbyFault.nullable() });

/** What the sweep found wrong with this very standby. */
function faultOf(state: unknown, standby: IssuedSecret | null): string | null {
  const { data } = Remembered.safeParse(state);
  if (!data?.fault || !standby || data.fingerprint !== standby.secret.fingerprint()) return null;
  return inWords(data.fault);
}
