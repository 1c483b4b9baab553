/** Whether a secret may be written, found out without changing anything. */
import { randomUUID } from "node:crypto";
import { StoreError } from "../../core/errors.ts";
import { replica, rotatedByAws } from "./faults.ts";
import { type AwsSecretsManagerOptions, LABELS, MANAGED_TYPE } from "./options.ts";
import type { AwsSecret, Described } from "./secret.ts";

/** Throws StoreError if somebody else rotates the secret, or nobody can write it here. */
export async function checkOurs(
  secret: AwsSecret,
  { type, rotationEnabled, primaryRegion }: Described,
  options: AwsSecretsManagerOptions,
): Promise<void> {
  if (type !== null || rotationEnabled) throw rotatedByAws(options, type);
  await checkPrimary(secret, primaryRegion, options);
}

async function checkPrimary(
  secret: AwsSecret,
  primaryRegion: string | null,
  options: AwsSecretsManagerOptions,
): Promise<void> {
  if (primaryRegion !== null && primaryRegion !== (await secret.region()))
    throw replica(options, primaryRegion);
}

/** What AWS rotates is never written: this process has to look on and to ask, and asking can't be tried. */
async function checkManaged(
  secret: AwsSecret,
  { primaryRegion }: Described,
  options: AwsSecretsManagerOptions,
): Promise<readonly string[]> {
  await checkPrimary(secret, primaryRegion, options);
  await secret.versions();
  return [
    "AWS rotates it; whether this process may ask for that (secretsmanager:RotateSecret) shows at the first rotation",
  ];
}

/**
 * Puts the current version once more, which AWS ignores because it is there, and asks for the removal of a label
 * that cannot match. Both are refused in another way where the permission is missing. Answers with what cannot be found
 * out.
 */
export async function checkWritable(
  secret: AwsSecret,
  options: AwsSecretsManagerOptions,
): Promise<readonly string[]> {
  const described = await secret.describe();
  if (described.type === MANAGED_TYPE) return checkManaged(secret, described, options);
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
  return [];
}
