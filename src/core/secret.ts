/** A secret that cannot print itself. Nothing outside this box holds the text of a key. */
import { createHash, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";

const HIDDEN = "[secret]";

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself. Search for `.reveal(` to see every place where a secret leaves its box. */
  reveal(): string {
    return this.#value;
  }

  /** `sha256:` and the first 16 hex digits of SHA-256: the only form of a secret that is ever shown. */
  fingerprint(): string {
    return `sha256:${digest(this.#value).toString("hex").slice(0, 16)}`;
  }

  /** Compares in a time that depends on neither text. */
  equals(other: Secret): boolean {
    return timingSafeEqual(digest(this.#value), digest(other.#value));
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

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
