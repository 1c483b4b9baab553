/**
 * The effects of a graceful rotation. Each makes something true and may run twice, on two workers:
 * the worker's hold on the job is confirmed before every effect, and every write is a compare-and-set
 * against the version that the decision was made on.
 */
import { newExpiryRefused } from "../alerts/messages.ts";
import { PaddleError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import type { Alerts, Clock, JobHold, PaddleApi, RotationTerms, Version } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { type Slots, stage } from "../core/slots.ts";
import type { Work } from "../core/work.ts";
import type { Answer } from "./next-step.ts";

/** Paddle's default lifetime of a key made in the dashboard; used where the configuration names none. */
const DEFAULT_LIFETIME_MS = 90 * 24 * 60 * 60 * 1000;

export type RotationPorts = {
  readonly paddle: PaddleApi;
  readonly alerts: Alerts;
  readonly clock: Clock;
};

/** Everything that a step of one run may use. */
export type Run = RotationPorts & {
  readonly work: Work;
  readonly key: ManagedKey;
  readonly hold: JobHold;
};

/** What the store held when the decision was made. */
export type Read = { readonly slots: Slots; readonly version: Version };

/** Authenticates once with a secret. For a pending one this is its activation. */
export async function ask(run: Run, secret: Secret): Promise<Answer> {
  await run.hold.lease.confirm();
  const answer = await run.paddle.ask(run.work.keyId, secret);
  return answer.accepted ? { ...answer, at: run.clock.now() } : answer;
}

/** Writes changed slots. `conflict` means that somebody else wrote first; look again. */
export async function write(run: Run, read: Read, slots: Slots): Promise<"written" | "conflict"> {
  await run.hold.lease.confirm();
  return run.key.store.write(slots, read.version);
}

export type Issued =
  | { readonly result: "staged"; readonly rotationId: string; readonly fingerprint: string }
  /** Somebody else wrote first: the new secret is forgotten, unused and so harmless. */
  | { readonly result: "conflict" }
  /** The active secret died before Paddle took the request. */
  | { readonly result: "active-refused" }
  /** Paddle will refuse the same request again. */
  | { readonly result: "refused"; readonly error: PaddleError };

/**
 * Has Paddle issue a new secret and stages it, in one go: a secret that is not staged is never used.
 * A lost answer means issuing again: the unknown rotation is cancelled by that and was never used.
 */
export async function issueAndStage(
  run: Run,
  read: Read,
  key: ApiKey | null,
  graceSeconds: number,
): Promise<Issued> {
  const { active } = read.slots;
  if (!active) throw new Error("issueAndStage: there is no active secret to authenticate with");
  await run.key.store.checkWritable();
  await run.hold.lease.confirm();
  let created;
  try {
    created = await createRotation(run, key, active.secret, graceSeconds);
  } catch (error) {
    if (!(error instanceof PaddleError) || error.retry !== "never") throw error;
    return error.code === "invalid_token" ? { result: "active-refused" } : { result: "refused", error };
  }
  const { rotation, newSecret } = created;
  const staged = stage(read.slots, {
    secret: newSecret,
    rotationId: rotation.id,
    // Paddle's own time where it says one: intents from webhooks carry times of the same clock.
    issuedAt: rotation.createdAt ?? run.clock.now(),
    intentId: run.work.intent.id,
    mode: "graceful",
    graceSeconds,
  });
  if ((await write(run, read, staged)) === "conflict") return { result: "conflict" };
  return { result: "staged", rotationId: rotation.id, fingerprint: newSecret.fingerprint() };
}

async function createRotation(run: Run, key: ApiKey | null, secret: Secret, graceSeconds: number) {
  const { keyId } = run.work;
  const newKeyExpiresAt = newExpiry(run, key);
  if (newKeyExpiresAt === null) return run.paddle.createRotation(keyId, secret, { graceSeconds });
  const terms: RotationTerms = { graceSeconds, newKeyExpiresAt };
  try {
    return await run.paddle.createRotation(keyId, secret, terms);
  } catch (error) {
    if (!isAboutTheExpiry(error)) throw error;
    await run.hold.lease.confirm();
    const created = await run.paddle.createRotation(keyId, secret, { graceSeconds });
    await run.alerts.raise(newExpiryRefused(run.key, run.work, key?.expiresAt ?? null, run.clock.now()));
    return created;
  }
}

/** Without a new expiry a rotated key dies when the old one would have. A key that never expires stays so. */
function newExpiry(run: Run, key: ApiKey | null): number | null {
  const { lifetimeMs } = run.key.policy;
  if (lifetimeMs === null && key?.expiresAt === null) return null;
  return run.clock.now() + (lifetimeMs ?? DEFAULT_LIFETIME_MS);
}

/** Paddle's limits for a new expiry are not documented: a 400 that may be about it is tried once without. */
function isAboutTheExpiry(error: unknown): boolean {
  if (!(error instanceof PaddleError) || error.code !== "bad_request") return false;
  return error.fields.length === 0 || error.fields.includes("new_key_expires_at");
}
