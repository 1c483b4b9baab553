/** What every consumer has, whatever its kind. */
import { MAX_INSTANCES } from "../../core/consumer.ts";
import type { Secret } from "../../core/secret.ts";
import { count, duration, secret, text } from "../fields.ts";
import { section } from "../section.ts";

export type ConsumerCommon = {
  readonly name: string;
  /** The longest time that an instance may hold the former secret once it was told. */
  readonly refreshMs: number;
  /** How long the roll-out itself may take. */
  readonly timeoutMs: number;
  /** null: its instances do not report what they use. */
  readonly attest: AttestConfig | null;
};

/** How instances prove to be this consumer's, and how many there must be. */
export type AttestConfig = { readonly token: Secret; readonly expect: number };

const HOUR_MS = 3_600_000;

/** A token that is sent as `Authorization: Bearer …`. */
export const bearerToken = secret("16 to 512 printable characters without spaces", (token) => {
  return /^[\x21-\x7e]{16,512}$/.test(token);
});

export const instanceCount = count(1, MAX_INSTANCES);

/** The fields, for the section of each kind. */
export const commonFields = {
  name: text("1 to 63 of a-z, 0-9 and - (in quotes if it is a number)", (name) => {
    return /^[a-z0-9-]{1,63}$/.test(name);
  }),
  refresh: duration("a duration from 0 to 24h, such as 5m", (ms) => ms <= 24 * HOUR_MS).prefault("5m"),
  timeout: duration("a duration from 1s to 6h, such as 10m", (ms) => {
    return ms >= 1_000 && ms <= 6 * HOUR_MS;
  }).prefault("10m"),
  attest: section({ token: bearerToken, expect: instanceCount }).optional(),
};

/** The common fields as the rest of the program knows them; for the `transform` of each kind. */
export function withCommon<
  Given extends {
    readonly refresh: number;
    readonly timeout: number;
    readonly attest?: AttestConfig | undefined;
  },
>({ refresh, timeout, attest, ...rest }: Given) {
  return { ...rest, refreshMs: refresh, timeoutMs: timeout, attest: attest ?? null };
}
