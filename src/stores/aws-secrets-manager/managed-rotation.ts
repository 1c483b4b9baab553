/** A managed external secret: AWS rotates it at Paddle. This process may ask for a rotation, and look on. */
import { createHash } from "node:crypto";
import type { Clock, PlatformRotation } from "../../core/ports.ts";
import { setback } from "../faults.ts";
import { command, placeOf } from "./faults.ts";
import { type AwsSecretsManagerOptions, LABELS, MANAGED_TYPE } from "./options.ts";
import type { AwsSecret, Described } from "./secret.ts";

const GRACE = "gracePeriodSeconds";
// AWS is done in seconds, and tries a failed step again for some minutes.
const STUCK_AFTER_MS = 15 * 60_000;

export class ManagedRotation implements PlatformRotation {
  readonly #open: () => AwsSecret;
  readonly #options: AwsSecretsManagerOptions;
  readonly #clock: Clock;

  constructor(open: () => AwsSecret, options: AwsSecretsManagerOptions, clock: Clock) {
    this.#open = open;
    this.#options = options;
    this.#clock = clock;
  }

  async inCharge(): Promise<boolean> {
    return (await this.#open().describe()).type === MANAGED_TYPE;
  }

  async start({ intentId, graceSeconds }: { intentId: string; graceSeconds: number }): Promise<void> {
    const secret = this.#open();
    const described = await secret.describe();
    const token = tokenOf(intentId);
    if (holds(described, token)) return;
    const kept = described.rotationMetadata.filter(({ key }) => key !== GRACE);
    const failure = await secret.rotate({
      ClientRequestToken: token,
      RotateImmediately: true,
      ExternalSecretRotationMetadata: [...kept, { key: GRACE, value: String(graceSeconds) }].map(
        ({ key, value }) => ({ Key: key, Value: value }),
      ),
    });
    if (failure === null) return;
    const { labels } = await secret.describe();
    if (holds({ labels }, token)) return;
    if (dangling({ labels }) === null) throw secret.toError("RotateSecret", failure);
    throw setback(
      placeOf(this.#options),
      `is being rotated by AWS already (RotateSecret: ${failure.words})`,
      "nothing to do; it is tried again when that is over",
    );
  }

  async state(): Promise<{ kind: "idle" } | { kind: "running" } | { kind: "stuck"; remedy: string }> {
    const secret = this.#open();
    const described = await secret.describe();
    const pending = dangling(described);
    const now = this.#clock.now();
    if (pending === null) {
      const overdue = described.nextRotationAt !== null && described.nextRotationAt < now - STUCK_AFTER_MS;
      return overdue ? { kind: "stuck", remedy: this.#lookIntoFailure() } : { kind: "idle" };
    }
    const since = (await secret.madeAt(pending)) ?? described.lastChangedAt ?? now;
    if (now - since <= STUCK_AFTER_MS) return { kind: "running" };
    return { kind: "stuck", remedy: this.#free(pending) };
  }

  #free(versionId: string): string {
    const free = `${command(this.#options, "update-secret-version-stage", "--secret-id")} --version-stage ${LABELS.pending} --remove-from-version-id ${versionId}`;
    return `look up RotationFailed in CloudTrail, take AWSPENDING off the version that AWS did not finish, and rotate again: ${free}`;
  }

  #lookIntoFailure(): string {
    return `AWS should have rotated the secret by now: look up RotationFailed in CloudTrail, then ${command(this.#options, "rotate-secret", "--secret-id")}`;
  }
}

/** The same intent, the same rotation: AWS makes it the id of the new version. */
function tokenOf(intentId: string): string {
  return createHash("sha256").update(`paddle-key-rotator ${intentId}`).digest("hex");
}

/** A rotation of this token is under way or done. */
function holds({ labels }: Pick<Described, "labels">, token: string): boolean {
  return [...labels.values()].includes(token);
}

/** The version that a rotation is making; null: none is. */
function dangling({ labels }: Pick<Described, "labels">): string | null {
  const pending = labels.get(LABELS.pending) ?? null;
  return pending === labels.get(LABELS.current) ? null : pending;
}
