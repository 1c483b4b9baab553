/** The section `retention`: for how long what happened can be looked up. */
import { parseDuration } from "../core/duration.ts";
import { duration } from "./fields.ts";
import { section } from "./section.ts";

export type RetentionConfig = {
  /** null: for ever. */
  readonly auditMs: number | null;
};

const ms = (written: string): number => parseDuration(written) ?? Number.NaN;

export const retentionSection = section({
  audit: duration(
    "a duration such as 730d, from 30d to 3650d; leave it out to keep the audit records for ever",
    (audit) => audit >= ms("30d") && audit <= ms("3650d"),
  ).optional(),
}).transform((given): RetentionConfig => ({ auditMs: given.audit ?? null }));
