/**
 * One secret of the fake AWS Secrets Manager: its versions, their staging labels, and what AWS refuses of them.
 * - https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 * - …/API_UpdateSecretVersionStage.html, …/API_GetSecretValue.html, …/API_DescribeSecret.html
 * - https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */

/** An answer with which AWS refuses a request. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export type FakeVersion = {
  readonly id: string;
  /** null: no value yet, as AWS makes it when a rotation begins. */
  text: string | null;
  readonly binary: boolean;
  readonly createdAt: number;
  readonly labels: Set<string>;
};

const DAY_MS = 86_400_000;
const MOST_LABELS = 20;
const MOST_BYTES = 65_536;
const MOST_VERSIONS = 100;

export class FakeSecret {
  readonly name: string;
  readonly arn: string;
  readonly versions = new Map<string, FakeVersion>();
  readonly #now: () => number;
  type: string | null = null;
  kmsKeyId: string | null = null;
  rotationEnabled = false;
  deleted = false;
  primaryRegion: string | null = null;
  lastRotatedAt: number | null = null;
  metadata: readonly { Key: string; Value: string }[] = [];
  lastChangedAt: number;

  constructor(name: string, arn: string, now: () => number) {
    this.name = name;
    this.arn = arn;
    this.#now = now;
    this.lastChangedAt = now();
  }

  holder(label: string): FakeVersion | undefined {
    return this.versions.values().find(({ labels }) => labels.has(label));
  }

  /** Adds a version, or does nothing where the same one is there. */
  put(id: string, text: string, labels: readonly string[] = ["AWSCURRENT"], binary = false): FakeVersion {
    this.refuseIfDeleted();
    if (id.length < 32 || id.length > 64) throw invalid("ClientRequestToken must be 32-64 characters long.");
    if (text === "") throw invalid("You must provide either SecretString or SecretBinary.");
    if (Buffer.byteLength(text) > MOST_BYTES) throw invalid("SecretString must be at most 65536 bytes long.");
    if (labels.length === 0 || labels.length > MOST_LABELS)
      throw invalid("VersionStages must have 1-20 items.");
    if (labels.some((label) => label === "" || label.length > 256))
      throw invalid("VersionStage: 1-256 characters.");
    const there = this.versions.get(id);
    if (there && there.text === null) {
      there.text = text;
      return there;
    }
    if (there) {
      if (there.text === text) return there;
      throw new Refused(
        "ResourceExistsException",
        `You can't modify version ${id}: it already exists with other content.`,
      );
    }
    // The first version is current by itself.
    const all = this.versions.size === 0 ? new Set([...labels, "AWSCURRENT"]) : new Set(labels);
    this.#refuseTooManyLabels(all);
    return this.add(id, text, all, binary);
  }

  /** A version with these labels, which are taken off others; past all checks but those of the whole secret. */
  add(id: string, text: string | null, labels: Iterable<string>, binary = false): FakeVersion {
    this.#removeDeprecated();
    const version = { id, text, binary, createdAt: this.#now(), labels: new Set<string>() };
    this.versions.set(id, version);
    for (const label of labels) this.#attach(label, version);
    this.lastChangedAt = this.#now();
    return version;
  }

  relabel(label: string, from: string | undefined, to: string | undefined): void {
    this.refuseIfDeleted();
    if (!label || (from === undefined && to === undefined))
      throw invalid("Name a version to move from or to.");
    const holder = this.holder(label);
    if (from !== undefined && holder?.id !== from)
      throw invalid(`RemoveFromVersionId must be the version that has the staging label ${label}.`);
    if (to === undefined) {
      if (label === "AWSCURRENT")
        throw invalid("You can only move staging label AWSCURRENT to a different secret version.");
      holder?.labels.delete(label);
      this.lastChangedAt = this.#now();
      return;
    }
    const target = this.versions.get(to);
    if (!target) throw new Refused("ResourceNotFoundException", `Can't find the version ${to}.`);
    if (holder === target) return;
    if (holder && from === undefined)
      throw invalid(`RemoveFromVersionId can't be empty: ${label} is attached to version ${holder.id}.`);
    this.#refuseTooManyLabels([label]);
    this.#attach(label, target);
    this.lastChangedAt = this.#now();
  }

  find(id: string | undefined, label: string | undefined): FakeVersion {
    this.refuseIfDeleted();
    const version = id === undefined ? this.holder(label ?? "AWSCURRENT") : this.versions.get(id);
    const missing = `Secrets Manager can't find the specified secret value for ${id ? `VersionId: ${id}` : `staging label: ${label ?? "AWSCURRENT"}`}`;
    if (!version || version.text === null) throw new Refused("ResourceNotFoundException", missing);
    if (label !== undefined && !version.labels.has(label))
      throw new Refused("ResourceNotFoundException", "VersionId and VersionStage are not the same version.");
    return version;
  }

  refuseIfDeleted(): void {
    if (this.deleted)
      throw new Refused(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
  }

  #attach(label: string, version: FakeVersion): void {
    const former = this.holder(label);
    if (former === version) return;
    former?.labels.delete(label);
    version.labels.add(label);
    if (label === "AWSCURRENT") {
      this.holder("AWSPREVIOUS")?.labels.delete("AWSPREVIOUS");
      former?.labels.add("AWSPREVIOUS");
    }
  }

  #refuseTooManyLabels(added: Iterable<string>): void {
    const labels = new Set([...this.versions.values().flatMap((version) => version.labels), ...added]);
    if (labels.size > MOST_LABELS)
      throw new Refused("LimitExceededException", "A secret can have at most 20 staging labels.");
  }

  /** AWS removes versions without labels beyond 100, but none of the last 24 hours. */
  #removeDeprecated(): void {
    const dead = [...this.versions.values()].filter(
      ({ labels, createdAt }) => labels.size === 0 && createdAt < this.#now() - DAY_MS,
    );
    for (const { id } of dead.slice(0, Math.max(0, this.versions.size - MOST_VERSIONS)))
      this.versions.delete(id);
  }
}

export function invalid(message: string): Refused {
  return new Refused("InvalidParameterException", message);
}
