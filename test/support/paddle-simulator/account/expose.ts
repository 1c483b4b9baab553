/** Paddle's secret scanning finds a secret in public (Paddle's docs, "API key exposure"). */
import type { ExposureEntity, RiskLevel } from "../entities.ts";
import { shortTime } from "../times.ts";
import { type Account, emit, findKey } from "./account.ts";
import { markRevoked } from "./dashboard.ts";
import { settle } from "./settle.ts";

export type ExposureOptions = {
  /** Left out: `high` for an active key, `low` for a dead one. */
  readonly riskLevel?: RiskLevel;
  /** Left out: an active key whose risk is high is revoked at once, as Paddle does. */
  readonly revoke?: boolean;
  readonly reference?: string;
  readonly description?: string | null;
};

/** Emits `api_key_exposure.created` and, where the key is revoked for it, `api_key.revoked` right after. */
export function expose(account: Account, id: string, options: ExposureOptions = {}): void {
  const now = settle(account);
  const key = findKey(account, id);
  const isActive = key.status === "active";
  const riskLevel = options.riskLevel ?? (isActive ? "high" : "low");
  const isRevoked = isActive && (options.revoke ?? riskLevel === "high");
  key.exposedAt ??= now;
  const exposure: ExposureEntity = {
    id: account.mint.id("apkexp", now),
    api_key_id: id,
    risk_level: riskLevel,
    action_taken: isRevoked ? "revoked" : "none",
    source: "github",
    reference: options.reference ?? "https://github.com/acme/app/blob/0a1b2c3/.env",
    description: options.description === undefined ? "Exposed in Commit 0a1b2c3" : options.description,
    created_at: shortTime(now),
  };
  emit(account, "api_key_exposure.created", exposure, now);
  if (isRevoked) markRevoked(account, key, "paddle", now);
}
