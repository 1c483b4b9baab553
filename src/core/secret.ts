/** A secret that cannot print itself. Nothing outside this box holds the text of a key. */
import { createHash, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";
import { holdSecret } from "./living-secrets.ts";

const HIDDEN = "[secret]";

export class Secret {
  readonly #value: string;
  #fingerprint: string | null = null;

  /** For what is ours to keep. What a stranger claims to be a secret is compared with `matches` and never boxed. */
  constructor(value: string) {
    this.#value = value;
    holdSecret(this, value);
  }

  /** The text itself. Search for `.reveal(` to see every place where a secret leaves its box. */
  reveal(): string {
    return this.#value;
  }

  /** `sha256:` and the first 16 hex digits of SHA-256: the only form of a secret that is ever shown. */
  fingerprint(): string {
    return (this.#fingerprint ??= `sha256:${digest(this.#value).toString("hex").slice(0, 16)}`);
  }

  /** Compares in a time that depends on neither text. */
  equals(other: Secret): boolean {
    return this.matches(other.#value);
  }

  /** The same for what somebody claims it to be: that is no secret of ours, and never becomes one. */
  matches(claimed: string): boolean {
    return isSameText(this.#value, claimed);
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** Compares in a time that depends on neither, what need not be a secret, e.g. a user's name. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
