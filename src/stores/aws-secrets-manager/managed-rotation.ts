/** A managed external secret: AWS rotates it at Paddle. This process may ask for a rotation, and look on. */
import { createHash } from "node:crypto";
import type { Clock, PlatformRotation, PlatformState } from "../../core/ports.ts";
import { refusal, setback } from "../faults.ts";
import { command, placeOf } from "./faults.ts";
import { type AwsSecretsManagerOptions, LABELS, MANAGED_TYPE } from "./options.ts";
import type { AwsSecret, Described } from "./secret.ts";

/** In AWS's rotation metadata: how long the former secret lives. */
export const GRACE = "gracePeriodSeconds";
// AWS is done in seconds, and tries a failed step again for some minutes.
const STUCK_AFTER_MS = 15 * 60_000;
/** A rotation that a person took back leaves its version, whose id can't be used again. */
const TRIES = 5;

export class ManagedRotation implements PlatformRotation {
  readonly name = "AWS";
  readonly putKey: string;
  readonly #open: () => AwsSecret;
  readonly #options: AwsSecretsManagerOptions;
  readonly #clock: Clock;

  constructor(open: () => AwsSecret, options: AwsSecretsManagerOptions, clock: Clock) {
    this.#open = open;
    this.#options = options;
    this.#clock = clock;
    const put = command(options, "put-secret-value", "--secret-id");
    this.putKey = `put it into the secret, as {"${options.field}":"pdl_…"} in a file: ${put} --secret-string file://key.json`;
  }

  async inCharge(): Promise<boolean> {
    return (await this.#open().describe()).type === MANAGED_TYPE;
  }

  async start({ intentId, graceSeconds }: { intentId: string; graceSeconds: number }): Promise<void> {
    const secret = this.#open();
    const described = await secret.describe();
    const tokens = tokensOf(intentId);
    if (tokens.some((token) => holds(described, token))) return;
    const kept = described.rotationMetadata.filter(({ key }) => key !== GRACE);
    const metadata = [...kept, { key: GRACE, value: String(graceSeconds) }];
    for (const token of tokens) {
      const failure = await secret.rotate({
        ClientRequestToken: token,
        RotateImmediately: true,
        ExternalSecretRotationMetadata: metadata.map(({ key, value }) => ({ Key: key, Value: value })),
      });
      if (failure === null) return;
      const { labels } = await secret.describe();
      if (holds({ labels }, token)) return;
      if (failure.code === "ResourceExistsException") continue;
      if (dangling({ labels }) === null) throw secret.toError("RotateSecret", failure);
      throw setback(
        placeOf(this.#options),
        `is being rotated by AWS already (RotateSecret: ${failure.words})`,
        "nothing to do; it is tried again when that is over",
      );
    }
    throw refusal(
      placeOf(this.#options),
      `was to be rotated ${TRIES} times, and AWS did not finish once`,
      "look up RotationFailed in CloudTrail, mend that, and ask for a new rotation",
    );
  }

  async state(intentId: string): Promise<PlatformState> {
    const secret = this.#open();
    const described = await secret.describe();
    const { labels } = described;
    const used = [labels.get(LABELS.current), labels.get(LABELS.previous)];
    if (tokensOf(intentId).some((token) => used.includes(token))) return { kind: "done" };
    const pending = dangling(described);
    if (pending === null) return { kind: "idle" };
    const now = this.#clock.now();
    const since = (await secret.madeAt(pending)) ?? described.lastChangedAt ?? now;
    if (now - since <= STUCK_AFTER_MS) return { kind: "running", since };
    const current = labels.get(LABELS.current);
    const canFinish = current !== undefined && (await secret.text(pending)) !== null;
    return {
      kind: "stuck",
      since,
      free: `look up RotationFailed in CloudTrail, then take AWSPENDING off the version that AWS did not finish: ${this.#relabel()} ${LABELS.pending} --remove-from-version-id ${pending}`,
      finish: canFinish
        ? `make the version that AWS did not finish the current one: ${this.#relabel()} ${LABELS.current} --move-to-version-id ${pending} --remove-from-version-id ${current}`
        : null,
    };
  }

  #relabel(): string {
    return `${command(this.#options, "update-secret-version-stage", "--secret-id")} --version-stage`;
  }
}

/** The same intent, the same rotation: AWS makes a token the id of the new version. One for each try. */
function tokensOf(intentId: string): readonly string[] {
  const what = `paddle-key-rotator ${intentId}`;
  return Array.from({ length: TRIES }, (_, index) =>
    createHash("sha256")
      .update(index === 0 ? what : `${what} ${index}`)
      .digest("hex"),
  );
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
