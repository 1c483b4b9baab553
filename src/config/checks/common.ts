/** What every check has, whatever its kind. */
import type { Check } from "../../core/check.ts";
import { count, duration, oneOf, text } from "../fields.ts";

/** The common fields, for the section of each kind. */
export const commonFields = {
  name: text("1 to 63 of a-z, 0-9 and - (in quotes if it is a number)", (name) => {
    return /^[a-z0-9-]{1,63}$/.test(name);
  }),
  window: duration("a duration from 1m to 24h, such as 30m", (ms) => {
    return ms >= 60_000 && ms <= 24 * 3_600_000;
  }).prefault("15m"),
  every: duration("a duration from 5s to 10m, such as 1m", (ms) => {
    return ms >= 5_000 && ms <= 10 * 60_000;
  }).prefault("30s"),
  onFailure: oneOf(["alert", "rollback"]).prefault("alert"),
};

/** How many looks, one after the other, must be bad. */
export const failures = count(1, 20).prefault("3");

type Given = {
  readonly window: number;
  readonly every: number;
  readonly failures: number;
  readonly for: number;
};

/** The common fields as the rest of the program knows them; for the `transform` of each kind. */
export function withCommon<Rest extends Given>(given: Rest) {
  const { window, every, failures: looks, for: lastingMs, ...rest } = given;
  const failsAfter: Check["failsAfter"] = { looks, lastingMs };
  return { ...rest, windowMs: window, everyMs: every, failsAfter };
}
