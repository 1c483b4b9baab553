/**
 * Keys that another one replaced. No store holds them any more, and yet there is news of them: the job that replaced
 * them runs again after a crash, and webhooks about their end come late.
 */
import { z } from "zod";
import type { Records } from "../core/ports.ts";

const FormerKey = z.object({ keyName: z.string() });

/** To be called before the other key takes over. Remembering twice does no harm. */
export async function rememberFormerKey(
  records: Records,
  keyId: string,
  { keyName, at }: { readonly keyName: string; readonly at: number },
): Promise<void> {
  await records.putIfAbsent("former-keys", keyId, { keyName, at });
}

/** The configured name under which this key was managed; null: it was not, as far as the records know. */
export async function formerNameOf(records: Records, keyId: string): Promise<string | null> {
  return FormerKey.safeParse(await records.get("former-keys", keyId)).data?.keyName ?? null;
}

/** Paddle refused the key, or told that it is dead, and people know: its exposure is no news. */
export async function rememberSettled(records: Records, keyId: string): Promise<void> {
  await records.putIfAbsent("settled-keys", keyId, true);
}

export async function isSettled(records: Records, keyId: string): Promise<boolean> {
  return (await records.get("settled-keys", keyId)) !== undefined;
}
