/** Exposures that were reported and not dealt with yet. While one is open, graceful work on its key gives way. */
import { z } from "zod";
import type { Records } from "../core/ports.ts";
import type { Slots } from "../core/slots.ts";

const Exposure = z.object({ occurredAt: z.number() });

/** Reports of the same key that are looked at; more in one life of a secret would say nothing new. */
const REPORTS_LOOKED_AT = 20;

/** Remembers that this key was seen in public. Remembering the same exposure twice does no harm. */
export async function rememberExposure(records: Records, keyId: string, occurredAt: number): Promise<void> {
  await records.append(listOf(keyId), { occurredAt });
}

/** Epoch milliseconds of the latest exposure of this key; null: none is known. */
export async function latestExposure(records: Records, keyId: string): Promise<number | null> {
  const reports = await records.list(listOf(keyId), { limit: REPORTS_LOOKED_AT });
  const times = reports.map(({ value }) => Exposure.parse(value).occurredAt);
  return times.length === 0 ? null : Math.max(...times);
}

/** An exposure is open until the active secret is one that was issued after it. */
export function isExposureOpen(exposedAt: number | null, slots: Slots): boolean {
  if (exposedAt === null) return false;
  const issuedAt = slots.active?.issuedAt ?? null;
  return issuedAt === null || issuedAt <= exposedAt;
}

function listOf(keyId: string): string {
  return `exposures-${keyId}`;
}
