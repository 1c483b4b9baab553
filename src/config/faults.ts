/**
 * What is wrong with a configuration, in one report. A fault names its place and says what to do; it never quotes
 * a value, because anything that somebody typed into the wrong field may be a secret.
 */
import type { z } from "zod";
import { ConfigError } from "../core/errors.ts";

export type Fault = {
  /** A field's path, an environment variable or a place in a file. */
  readonly at: string;
  /** What to do about it, in one line. */
  readonly message: string;
};

/** A fault in a file, before its line is known. */
export type FieldFault = { readonly path: readonly PropertyKey[]; readonly message: string };

/** Something read, or every reason why it cannot be. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

/** One fault for each issue, and for unknown fields one for each of them. */
export function fieldFaults(error: z.ZodError): FieldFault[] {
  return error.issues.flatMap((issue): FieldFault[] => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
    // One hint a line, in the order of the unknown fields: see section.ts.
    const hints = issue.message.split("\n");
    return issue.keys.map((key, index) => ({ path: [...issue.path, key], message: hints[index] ?? "" }));
  });
}

// What a person calls a field. Anything else in a field's place may be a value that slipped, so it is not shown.
const NAME = /^[A-Za-z_][\w.-]{0,39}$/;

/** `keys[0].rotation.grace`; the whole: an empty text. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      const name = typeof step === "string" && NAME.test(step) ? step : "(unprintable name)";
      return index === 0 ? name : `.${name}`;
    })
    .join("");
}

/** The error that refuses a configuration: one line for each fault. */
export function refusal(faults: readonly Fault[]): ConfigError {
  const lines = [
    ...new Set(faults.map(({ at, message }) => `  ${at}: ${message}`.replaceAll(/\p{Cc}/gu, " "))),
  ];
  const count = lines.length === 1 ? "1 fault" : `${lines.length} faults`;
  return new ConfigError([`the configuration has ${count}:`, ...lines].join("\n"));
}
