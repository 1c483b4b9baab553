/** Makes ids and secrets in Paddle's formats from injected randomness: the same random numbers, the same texts. */

export type Environment = "live" | "sandbox";

/** A number from 0 up to but not including 1. */
export type Random = () => number;

/** Paddle's docs, "API keys", format. */
export const KEY_FORMAT = /^pdl_(live|sdbx)_apikey_[a-z\d]{26}_[a-zA-Z\d]{22}_[a-zA-Z\d]{3}$/;

// Ids look like lower-case ULIDs: 10 characters of time, then 16 more. The alphabet is Crockford's base 32.
const ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
const ALPHANUMERIC = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER}`;
const BASE64 = `${ALPHANUMERIC}+/`;

export class Mint {
  readonly #random: Random;
  #minted = 0;
  #newestTime = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Ids of one account sort in the order in which they were made, also within a millisecond. */
  id(prefix: string, at: number): string {
    this.#newestTime = Math.max(this.#newestTime, at);
    this.#minted += 1;
    return `${prefix}_${base32(this.#newestTime, 10)}${base32(this.#minted, 6)}${this.#text(ID_ALPHABET, 10)}`;
  }

  /** A secret carries the id of its key, also the ones that rotations make. */
  secret(environment: Environment, keyId: string): string {
    const place = environment === "live" ? "live" : "sdbx";
    const id = keyId.slice("apikey_".length);
    return `pdl_${place}_apikey_${id}_${this.#text(ALPHANUMERIC, 22)}_${this.#text(ALPHANUMERIC, 3)}`;
  }

  /** Keys made before 6 May 2025: 50 characters that say nothing. */
  legacySecret(): string {
    return this.#text(LOWER, 50);
  }

  /** What a notification destination signs with. */
  endpointSecret(destinationId: string): string {
    return `pdl_ntfset_${destinationId.slice("ntfset_".length)}_${this.#text(BASE64, 32)}`;
  }

  /** A version 4 UUID. */
  requestId(): string {
    const hex = this.#text("0123456789abcdef", 30);
    const variant = this.#text("89ab", 1);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(15, 18)}-${hex.slice(18)}`;
  }

  #text(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet[Math.floor(this.#random() * alphabet.length)]).join("");
  }
}

/** As Paddle shows a secret: ten characters of the id part, never enough to tell old from new. */
export function mask(secret: string): string {
  return `${secret.slice(0, secret.startsWith("pdl_") ? 26 : 10)}****`;
}

function base32(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) {
    text = `${ID_ALPHABET[rest % 32]}${text}`;
  }
  return text;
}
