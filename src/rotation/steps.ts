/**
 * The effects of a rotation. Each makes something true and may run twice, on two workers: the worker's hold on the
 * job is confirmed before every effect, and every write is a compare-and-set against the version that the decision
 * was made on.
 */
import type { Logger } from "pino";
import { newExpiryRefused } from "../alerts/messages.ts";
import { PaddleError } from "../core/errors.ts";
import { rememberIssued, rememberIssuing } from "../core/issued-rotations.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey, KeyRotation } from "../core/paddle-key.ts";
import type { Alerts, Clock, JobHold, PaddleApi, Records, RotationTerms, Version } from "../core/ports.ts";
import { keyIdOf, type IssuedSecret, type Mode, type Slots, stage } from "../core/slots.ts";
import type { Outcome, Work } from "../core/work.ts";
import { CLOCK_DOUBT_MS } from "./next-step.ts";
import type { Answer, Answers } from "./situation.ts";

/** Paddle's default lifetime of a key made in the dashboard; used where the configuration names none. */
const DEFAULT_LIFETIME_MS = 90 * 24 * 60 * 60 * 1000;

export type RotationPorts = {
  readonly paddle: PaddleApi;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly records: Records;
  readonly log: Logger;
  /** The configured name of each managed key, by key id. */
  readonly keyNames: () => ReadonlyMap<string, string>;
};

/** Everything that a step of one run may use. */
export type Run = RotationPorts & {
  readonly work: Work;
  readonly key: ManagedKey;
  readonly hold: JobHold;
};

/** What the store held when the decision was made. */
export type Read = { readonly slots: Slots; readonly version: Version };

/** How one step ended: the run with it, or with something learned. */
export type StepResult = { readonly outcome: Outcome } | { readonly learned: Answers };

/** Authenticates once with a secret, on the key that it belongs to. For a pending one this is its activation. */
export async function ask(run: Run, issued: IssuedSecret): Promise<Answer> {
  await run.hold.lease.confirm();
  const answer = await run.paddle.ask(keyIdOf(issued) ?? run.work.keyId, issued.secret);
  return answer.accepted ? { ...answer, at: run.clock.now() } : answer;
}

/** Writes changed slots. `conflict` means that somebody else wrote first; look again. */
export async function write(run: Run, read: Read, slots: Slots): Promise<"written" | "conflict"> {
  await run.hold.lease.confirm();
  return run.key.store.write(slots, read.version);
}

/** What Paddle has under the pending secret's rotation, read with the active secret. */
export async function readPendingRotation(
  run: Run,
  pending: IssuedSecret,
  active: IssuedSecret,
): Promise<KeyRotation | "active-refused"> {
  const { keyId } = run.work;
  const unknown = { keyId, graceSeconds: null, expiresAt: null, createdAt: null } as const;
  if (pending.rotationId === null) return { ...unknown, id: "", status: "unknown" };
  await run.hold.lease.confirm();
  try {
    return await run.paddle.getRotation(keyId, pending.rotationId, active.secret);
  } catch (error) {
    if (isCode(error, "invalid_token")) return "active-refused";
    if (isCode(error, "not_found")) return { ...unknown, id: pending.rotationId, status: "canceled" };
    throw error;
  }
}

/**
 * Rotations whose former secret should still live and is in none of our slots. To be called once active and old were
 * asked: each of them that lives explains one grace.
 */
export async function listStrangeGraces(
  run: Run,
  { pending, active }: Slots,
  { active: activeAnswer, old: oldAnswer }: Answers,
): Promise<readonly KeyRotation[] | "refused"> {
  if (!pending) throw new Error("listStrangeGraces: nothing is pending");
  const rotations = await listRotations(run, pending);
  if (rotations === "refused") return rotations;
  const now = run.clock.now();
  const running = rotations.filter(({ id, status, expiresAt }) => {
    // By Paddle's clock a grace may seem to run a little longer; those that ended were asked themselves.
    const isOver = id === pending.rotationId || (id === active?.rotationId && !oldAnswer?.accepted);
    return status === "completed" && expiresAt !== null && expiresAt > now && !isOver;
  });
  const explained = [activeAnswer, oldAnswer].filter((answer) => answer?.accepted).length;
  // What was cancelled and works all the same was never completed: somebody else's secret was not ended by it.
  const outdone = rotations.filter(({ id, status }) => id === pending.rotationId && status === "canceled");
  return running.length > explained ? running : outdone;
}

/** Rotations whose former secret should still live although Paddle refuses the one in the slots. */
export async function listLivingGraces(
  run: Run,
  active: IssuedSecret,
): Promise<readonly KeyRotation[] | "refused"> {
  const rotations = await listRotations(run, active);
  if (rotations === "refused") return rotations;
  const doubtUntil = run.clock.now() + CLOCK_DOUBT_MS;
  return rotations.filter(
    ({ status, expiresAt }) => status === "completed" && expiresAt !== null && expiresAt > doubtUntil,
  );
}

async function listRotations(run: Run, by: IssuedSecret): Promise<readonly KeyRotation[] | "refused"> {
  await run.hold.lease.confirm();
  try {
    return await run.paddle.listRotations(run.work.keyId, by.secret);
  } catch (error) {
    if (isCode(error, "invalid_token")) return "refused";
    throw error;
  }
}

/** Looks at a key with the secret of another one; `unreadable`: that one lacks the permission. */
export async function readKey(run: Run, keyId: string, reader: IssuedSecret): Promise<ApiKey | "unreadable"> {
  await run.hold.lease.confirm();
  try {
    return await run.paddle.readKey(keyId, reader.secret);
  } catch (error) {
    if (error instanceof PaddleError && error.retry === "never") return "unreadable";
    throw error;
  }
}

export type Issued =
  | { readonly result: "staged"; readonly pending: IssuedSecret }
  /** Somebody else wrote first: the new secret is forgotten, unused and so harmless. */
  | { readonly result: "conflict" }
  /** The secret that asked died before Paddle took the request. */
  | { readonly result: "dead" }
  /** Paddle will refuse the same request again. */
  | { readonly result: "refused"; readonly error: PaddleError };

/** What to issue: a new secret of the key that `by` belongs to. */
export type Order = {
  readonly by: IssuedSecret;
  /** What Paddle says of that key; null: not known. */
  readonly key: ApiKey | null;
  readonly graceSeconds: number;
  readonly mode: Mode;
};

/**
 * Has Paddle issue a new secret and stages it, in one go: a secret that is not staged is never used.
 * A lost answer means issuing again: the unknown rotation is cancelled by that and was never used.
 */
export async function issueAndStage(run: Run, read: Read, order: Order): Promise<Issued> {
  const { by, graceSeconds, mode } = order;
  const keyId = keyIdOf(by) ?? run.work.keyId;
  await run.key.store.checkWritable();
  await rememberIssuing(run.records, keyId, run.work.intent.id);
  await run.hold.lease.confirm();
  let created;
  try {
    created = await createRotation(run, order);
  } catch (error) {
    if (!(error instanceof PaddleError) || error.retry !== "never") throw error;
    return error.code === "invalid_token" ? { result: "dead" } : { result: "refused", error };
  }
  const { rotation, newSecret } = created;
  const pending = {
    secret: newSecret,
    rotationId: rotation.id,
    // Paddle's own time where it says one: intents from webhooks carry times of the same clock.
    issuedAt: rotation.createdAt ?? run.clock.now(),
    intentId: run.work.intent.id,
    mode,
    graceSeconds,
  };
  await rememberIssued(run.records, keyId, pending);
  if ((await write(run, read, stage(read.slots, pending))) === "conflict") return { result: "conflict" };
  return { result: "staged", pending };
}

async function createRotation(run: Run, { by, key, graceSeconds }: Order) {
  const keyId = keyIdOf(by) ?? run.work.keyId;
  const newKeyExpiresAt = newExpiry(run, key);
  if (newKeyExpiresAt === null) return run.paddle.createRotation(keyId, by.secret, { graceSeconds });
  const terms: RotationTerms = { graceSeconds, newKeyExpiresAt };
  try {
    return await run.paddle.createRotation(keyId, by.secret, terms);
  } catch (error) {
    if (!isAboutTheExpiry(error)) throw error;
    await run.hold.lease.confirm();
    const created = await run.paddle.createRotation(keyId, by.secret, { graceSeconds });
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

function isCode(error: unknown, code: string): boolean {
  return error instanceof PaddleError && error.code === code;
}
