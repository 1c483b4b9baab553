/** Exposures that were reported and not dealt with yet, and how often a key was killed for one lately. */
import { z } from "zod";
import type { Records } from "../core/ports.ts";
import type { Slots } from "../core/slots.ts";

const Exposure = z.object({ occurredAt: z.number(), intentId: z.string() });

/** `occurredAt`: epoch milliseconds; `intentId`: of the work that deals with it. */
export type Exposure = z.output<typeof Exposure>;

const RevokeFirst = z.object({ at: z.number(), rotationId: z.string().nullable() });

/** Reports of the same key that are looked at; more in one life of a secret would say nothing new. */
const REPORTS_LOOKED_AT = 20;
const HOUR_MS = 60 * 60_000;

/** Remembers that this key was seen in public. Remembering the same exposure twice does no harm. */
export async function rememberExposure(records: Records, keyId: string, exposure: Exposure): Promise<void> {
  const known = await records.list(`exposures-${keyId}`, { limit: REPORTS_LOOKED_AT });
  if (known.some(({ value }) => Exposure.parse(value).intentId === exposure.intentId)) return;
  await records.append(`exposures-${keyId}`, exposure);
}

/** The latest exposure of this key; null: none is known. */
export async function latestExposure(records: Records, keyId: string): Promise<Exposure | null> {
  const reports = await listReports(records, keyId);
  return reports.reduce<Exposure | null>((a, b) => (a && a.occurredAt >= b.occurredAt ? a : b), null);
}

/** The open exposure that was heard of first, which later reports are about as well; null: none is open. */
export async function firstOpenExposure(
  records: Records,
  keyId: string,
  slots: Slots,
): Promise<Exposure | null> {
  const reports = await listReports(records, keyId);
  return reports.findLast((exposure) => isExposureOpen(exposure, slots)) ?? null;
}

/** The one heard of last comes first. */
async function listReports(records: Records, keyId: string): Promise<readonly Exposure[]> {
  const reports = await records.list(`exposures-${keyId}`, { limit: REPORTS_LOOKED_AT });
  return reports.map(({ value }) => Exposure.parse(value));
}

/** An exposure is open until the active secret is one that was issued for it, or after it. */
export function isExposureOpen(exposure: Exposure | null, { active }: Slots): boolean {
  if (!exposure) return false;
  if (active?.intentId === exposure.intentId) return false;
  return (active?.issuedAt ?? Number.NEGATIVE_INFINITY) < exposure.occurredAt;
}

/** Notes that a secret of this key was killed without a grace. Noting the same rotation twice does no harm. */
export async function noteRevokeFirst(
  records: Records,
  keyId: string,
  revokeFirst: { readonly at: number; readonly rotationId: string | null },
): Promise<void> {
  await records.append(`revoke-firsts-${keyId}`, revokeFirst);
}

/** Within the hour before `now`. */
export async function countRevokeFirsts(records: Records, keyId: string, now: number): Promise<number> {
  const noted = await records.list(`revoke-firsts-${keyId}`, { limit: REPORTS_LOOKED_AT });
  const recent = noted.map(({ value }) => RevokeFirst.parse(value)).filter(({ at }) => at > now - HOUR_MS);
  return new Set(recent.map(({ rotationId }) => rotationId)).size;
}
