/** What the API takes. A field that is not named here is a fault. */
import { z } from "zod";
import { Secret } from "../../../core/secret.ts";

const keyName = z.string().describe("The key's name in the configuration");

export const KeyParams = z.object({ name: keyName });

export const JobParams = z.object({ name: keyName, jobId: z.string() });

export const RecordsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("At most so many records"),
  before: z
    .string()
    .regex(/^\d{1,20}(-\d{1,20})?$/, "must be what `next` of the page before says")
    .optional()
    .describe("`next` of the page before"),
  keyName: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, "must be the name of a key")
    .optional()
    .describe("Only records about the key of this name, which need not be configured any more"),
});

export const RotationBody = z
  .strictObject({
    mode: z
      .enum(["graceful", "revoke-first"])
      .describe(
        "`graceful`: the old secret lives on for its grace. `revoke-first`: it dies before anybody gets the new one",
      ),
    graceSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .describe(
        "For `graceful`: how long the old secret lives after the new one's first use; left out: the key's own grace",
      ),
  })
  .refine(({ mode, graceSeconds }) => mode === "graceful" || graceSeconds === undefined, {
    path: ["graceSeconds"],
    error: "revoke-first has no grace; leave it out",
  });

export const ReplacementBody = z.strictObject({
  // From here on it cannot print itself.
  key: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .describe("The other key, which no answer repeats")
    .transform((text) => new Secret(text)),
  force: z.boolean().default(false).describe("Accepts faults that are `overridable`"),
});

export const EmptyBody = z.strictObject({}).nullish();

/** By the names that they have in the document. */
export const BODIES = { EmptyBody, ReplacementBody, RotationBody };
