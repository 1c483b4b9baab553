/**
 * Which rotations of a key are ours. The slots name only the latest; these lists in the records know them all,
 * so that a rotation of ours that is told of late does not look like somebody else's, and that a secret of ours is known
 * again where the store's note of it was lost.
 */
import { z } from "zod";
import type { KeyRotation } from "./paddle-key.ts";
import type { Records } from "./ports.ts";
import { type IssuedSecret, keyIdOf, type Slots } from "./slots.ts";

const Issued = z.object({ rotationId: z.string() });
/** Earlier releases kept the id alone. */
const Origin = z.object({
  fingerprint: z.string(),
  rotationId: z.string(),
  issuedAt: z.number().nullable(),
  intentId: z.string().nullable(),
});
const Issuing = z.object({ intentId: z.string() });

/** A key rotated every day for half a year. */
const LOOKED_AT = 200;

/** To be called once Paddle has answered, before the secret is used. */
export async function rememberIssued(
  records: Records,
  keyId: string,
  { secret, rotationId, issuedAt, intentId }: IssuedSecret & { readonly rotationId: string },
): Promise<void> {
  const fingerprint = secret.fingerprint();
  await records.append(`issued-${keyId}`, { rotationId, fingerprint, issuedAt, intentId });
}

/**
 * Fills in where the active and the old secret came from, where the store does not say: its note is lost when somebody
 * renames a variable, moves a store or writes a file from a template. Without it, work that is done would be done again,
 * and a healthy secret would be killed for an exposure that is over. Asks the records once about a secret.
 */
export function knownOrigins(
  records: Pick<Records, "list">,
): (keyId: string, slots: Slots) => Promise<Slots> {
  const asked = new Map<string, Promise<Partial<IssuedSecret>>>();
  const fill = async <Filled extends IssuedSecret>(keyId: string, issued: Filled): Promise<Filled> => {
    if (issued.rotationId !== null || issued.issuedAt !== null || issued.intentId !== null) return issued;
    const fingerprint = issued.secret.fingerprint();
    const find = () => originOf(records, keyIdOf(issued) ?? keyId, fingerprint);
    return { ...issued, ...(await asked.getOrInsertComputed(fingerprint, find)) };
  };
  return async (keyId, slots) => ({
    ...slots,
    active: slots.active && (await fill(keyId, slots.active)),
    old: slots.old && (await fill(keyId, slots.old)),
  });
}

async function originOf(
  records: Pick<Records, "list">,
  keyId: string,
  fingerprint: string,
): Promise<Partial<IssuedSecret>> {
  const entries = await records.list(`issued-${keyId}`, { limit: LOOKED_AT });
  const origins = entries.flatMap(({ value }) => Origin.safeParse(value).data ?? []);
  const origin = origins.find((each) => each.fingerprint === fingerprint);
  if (!origin) return {};
  const { rotationId, issuedAt, intentId } = origin;
  return { rotationId, issuedAt, intentId };
}

/** To be called before Paddle is asked for a new secret: the answer may be lost, and then nobody knows its id. */
export async function rememberIssuing(records: Records, keyId: string, intentId: string): Promise<void> {
  await records.append(`issuing-${keyId}`, { intentId });
}

/** Newest first. */
export async function issuedRotations(records: Records, keyId: string): Promise<readonly string[]> {
  const entries = await records.list(`issued-${keyId}`, { limit: LOOKED_AT });
  return entries.flatMap(({ value }) => Issued.safeParse(value).data?.rotationId ?? []);
}

/** The job that asked Paddle last for a new secret; null: none has, as far as the records know. */
export async function lastIssuingIntent(records: Records, keyId: string): Promise<string | null> {
  const [entry] = await records.list(`issuing-${keyId}`, { limit: 1 });
  return Issuing.safeParse(entry?.value).data?.intentId ?? null;
}

/** Ids of the rotations whose secrets the slots hold. */
export function rotationsInSlots(slots: Slots): readonly string[] {
  return [slots.active, slots.old, slots.pending, slots.standby].flatMap(
    (issued) => issued?.rotationId ?? [],
  );
}

/** The one completed last. A rotation cancels the pending one before it, so they complete in the order of creation. */
export function newestCompleted(rotations: readonly KeyRotation[]): KeyRotation | null {
  const completed = rotations.filter(({ status }) => status === "completed");
  return completed.toSorted(byAge).at(-1) ?? null;
}

/** Where Paddle says no times, ids do: they grow with time. */
function byAge(a: KeyRotation, b: KeyRotation): number {
  if (a.createdAt !== null && b.createdAt !== null && a.createdAt !== b.createdAt)
    return a.createdAt - b.createdAt;
  return a.id < b.id ? -1 : 1;
}
