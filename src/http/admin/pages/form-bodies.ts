/** What forms send, as it must be. */
import { z } from "zod";
import { Secret } from "../../../core/secret.ts";
import { duration } from "./times.ts";

/** The graces that Paddle's dashboard offers, too. */
export const GRACES = [
  [0, "0: it dies at once"],
  [3_600, "1 hour"],
  [10_800, "3 hours"],
  [86_400, "24 hours"],
] as const;

/** Paddle's graces are told in hours, also a day. */
export function graceInWords(seconds: number): string {
  return seconds > 0 && seconds % 3_600 === 0 ? `${seconds / 3_600} h` : duration(seconds * 1000);
}

const token = z.string().max(200);
const CHOICES = GRACES.map(([seconds]) => String(seconds));

export const Token = z.looseObject({ token });

export const RotateForm = z.strictObject({
  token,
  grace: z.enum(CHOICES).transform(Number),
});

export const RevokeFirstForm = z.strictObject({ token, confirm: z.string().max(100) });

export const RollBackForm = z.strictObject({ token });

export const ReplaceForm = z.strictObject({
  token,
  /** From here on it cannot print itself. */
  key: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .transform((text) => new Secret(text)),
  force: z
    .literal("yes")
    .optional()
    .transform((ticked) => ticked === "yes"),
});

export const RetryForm = z.strictObject({ token, job: z.string().min(1).max(300) });
