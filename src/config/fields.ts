/** Schemas of single values. What a value must be is said in words; what it is, never: it may be a secret. */
import { isIP } from "node:net";
import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import { Secret } from "../core/secret.ts";

/** The error of a field, whatever is wrong with its value. */
export function mustBe(words: string) {
  return ({ input }: { readonly input?: unknown }) =>
    input === undefined || input === null ? `is missing; it must be ${words}` : `must be ${words}`;
}

/** Text that `accepts`; white space around it does not count. */
export function text(words: string, accepts: (text: string) => boolean) {
  const error = mustBe(words);
  return z.string({ error }).trim().refine(accepts, { error });
}

/** One word of a list. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const error = mustBe(`one of ${words.join(", ")}`);
  return z.string({ error }).trim().pipe(z.enum(words, { error }));
}

/** A whole number written as text. */
export function wholeNumber(min: number, max: number) {
  return text(`a whole number from ${min} to ${max}`, (digits) => {
    return /^\d{1,15}$/.test(digits) && Number(digits) >= min && Number(digits) <= max;
  }).transform(Number);
}

/** A whole number of the file, which YAML reads as a number unless it is in quotes. */
export function count(min: number, max: number) {
  const error = mustBe(`a whole number from ${min} to ${max}`);
  return z
    .union([z.string(), z.number()], { error })
    .transform((input) => String(input).trim())
    .pipe(wholeNumber(min, max));
}

/** A duration such as `24h`, in milliseconds. A bare `0` may be a number, as YAML has it. */
export function duration(words: string, accepts: (ms: number) => boolean) {
  const error = mustBe(words);
  return z.union([z.string(), z.number()], { error }).transform((input, context) => {
    const ms = parseDuration(String(input).trim());
    if (ms !== null && accepts(ms)) return ms;
    context.addIssue({ code: "custom", message: error({ input }) });
    return z.NEVER;
  });
}

const HOST_NAME = /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;

/** Where a listener binds: an address or a host name. */
export const host = text("an IP address or a host name, without port or brackets", (name) => {
  return isIP(name) !== 0 || HOST_NAME.test(name);
});

/** 0 asks the operating system for any free port. */
export const port = wholeNumber(0, 65_535);

/** A secret that a person chose. */
export function secret(words: string, accepts: (text: string) => boolean) {
  const error = mustBe(words);
  return z
    .string({ error })
    .refine(accepts, { error })
    .transform((chosen) => new Secret(chosen));
}
