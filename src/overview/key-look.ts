/** One look at one managed key: what its stores hold, and what the records know of it. */
import { z } from "zod";
import { lastState } from "../alerts/on-change.ts";
import { inWords, StandbyFault } from "../alerts/standby-faults.ts";
import { RotatorError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Clock, Records, SecretStore } from "../core/ports.ts";
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
  /** `fault` follows "the standby …". */
  readonly standby: { readonly secret: IssuedSecret | null; readonly fault: string | null };
  /** Epoch milliseconds: when the stores were read. */
  readonly at: number;
};

/** What the stores of a key said. A text: why they did not. */
export type Holdings = {
  readonly slots: Slots | string;
  readonly standby: IssuedSecret | string | null;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** What the records know of a key. */
export type Notes = {
  /** The fingerprint of the active secret that they are about. */
  readonly about: string | null;
  readonly paddle: SeenKey | null;
  readonly firstSeenAt: number | undefined;
  readonly progress: SwitchOverProgress | null;
  readonly standby: unknown;
};

/** Reads each store once, both at once. Never rejects, and ends within 3 s whatever they do. */
export async function readHoldings(key: ManagedKey, clock: Clock): Promise<Holdings> {
  const [slots, elsewhere] = await Promise.all([
    readSlots(key.store, clock),
    key.standbyStore && readSlots(key.standbyStore, clock),
  ]);
  const place = elsewhere ?? slots;
  return { slots, standby: typeof place === "string" ? place : place.standby, at: clock.now() };
}

/** Throws QueueError. */
export async function readNotes(
  { name }: ManagedKey,
  { slots }: Holdings,
  records: Pick<Records, "get" | "list">,
): Promise<Notes> {
  const held = typeof slots === "string" ? null : slots;
  const about = fingerprintOf(slots);
  const keyId = held && activeKeyId(held);
  const [paddle, firstSeenAt, progress, standby] = await Promise.all([
    keyId ? lastSeen(records, keyId) : null,
    about === null ? undefined : records.get("first-seen", about),
    latestProgress(records, name),
    lastState(records, `standby-${name}`),
  ]);
  return {
    about,
    paddle,
    firstSeenAt: typeof firstSeenAt === "number" ? firstSeenAt : undefined,
    progress,
    standby,
  };
}

/** `notes`: null, or about another secret: nothing is known. While the store says nothing, they are the last word. */
export function lookOf({ slots, standby, at }: Holdings, notes: Notes | null): KeyLook {
  const known = typeof slots === "string" || notes?.about === fingerprintOf(slots) ? notes : null;
  const secret = typeof standby === "string" ? null : standby;
  return {
    slots,
    paddle: known?.paddle ?? null,
    firstSeenAt: known?.firstSeenAt,
    progress: known?.progress ?? null,
    standby: {
      secret,
      fault:
        typeof standby === "string" ? `cannot be looked at: ${standby}` : faultOf(notes?.standby, secret),
    },
    at,
  };
}

async function readSlots(store: SecretStore, clock: Clock): Promise<Slots | string> {
  try {
    const late = () => new Late(`${store.location} did not answer within ${STORE_MS / 1000} s`);
    return (await waitWithin(clock, STORE_MS, store.read(), late)).slots;
  } catch (error) {
    return error instanceof RotatorError || error instanceof Late ? error.message : describeError(error);
  }
}

class Late extends Error {}

function fingerprintOf(slots: Slots | string): string | null {
  return typeof slots === "string" ? null : (slots.active?.secret.fingerprint() ?? null);
}

const Remembered = z.object({ fingerprint: z.string().nullable(), fault: StandbyFault.nullable() });

/** What the sweep found wrong with this very standby. */
function faultOf(state: unknown, standby: IssuedSecret | null): string | null {
  const { data } = Remembered.safeParse(state);
  if (!data?.fault || !standby || data.fingerprint !== standby.secret.fingerprint()) return null;
  return inWords(data.fault);
}
