/** Whether a secret may be written, found out without changing anything. */
import { randomUUID } from "node:crypto";
import { StoreError } from "../../core/errors.ts";
import { replica, rotatedByAws } from "./faults.ts";
import { type AwsSecretsManagerOptions, LABELS } from "./options.ts";
import type { AwsSecret, Described } from "./secret.ts";

/** Throws StoreError if somebody else rotates the secret, or nobody can write it here. */
export async function checkOurs(
  secret: AwsSecret,
  { type, rotationEnabled, primaryRegion }: Described,
  options: AwsSecretsManagerOptions,
): Promise<void> {
  if (type !== null || rotationEnabled) throw rotatedByAws(options, type);
  if (primaryRegion !== null && primaryRegion !== (await secret.region()))
    throw replica(options, primaryRegion);
}

/**
 * Puts the current version once more, which AWS ignores because it is there, and asks for the removal of a label
 * that cannot match. Both are refused in another way where the permission is missing.
 */
export async function checkWritable(secret: AwsSecret, options: AwsSecretsManagerOptions): Promise<void> {
  const described = await secret.describe();
  await checkOurs(secret, described, options);
  const current = described.labels.get(LABELS.current);
  const text = current === undefined ? null : await secret.text(current);
  const checks = await Promise.allSettled([
    current !== undefined && text !== null ? secret.put(current, text) : Promise.resolve(),
    secret.probeMove(randomUUID()),
  ]);
  const errors = checks.flatMap((check) => (check.status === "rejected" ? [check.reason as unknown] : []));
  const [first, second] = errors;
  if (first instanceof StoreError && second instanceof StoreError)
    throw new StoreError(`${first.message}; ${second.message}`, first);
  if (first !== undefined) throw first;
}
