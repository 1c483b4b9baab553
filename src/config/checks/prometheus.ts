/** A check of type prometheus: a query whose value must not be beyond a threshold for long. */
import { z } from "zod";
import type { Check } from "../../core/check.ts";
import type { Secret } from "../../core/secret.ts";
import { bearerToken } from "../consumers/common.ts";
import { duration, mustBe, text } from "../fields.ts";
import { EVEN_AMONG_FAULTS, section } from "../section.ts";
import { commonFields, withCommon } from "./common.ts";
import { address } from "./http.ts";

export type PrometheusCheckConfig = Omit<Check, "look"> & {
  readonly type: "prometheus";
  readonly url: string;
  readonly query: string;
  readonly bad: { readonly is: "above" | "below"; readonly threshold: number };
  /** null: it asks for none. */
  readonly token: Secret | null;
};

const THRESHOLD = "a number such as 0.05";

const threshold = z
  .union([z.string(), z.number()], { error: mustBe(THRESHOLD) })
  .transform((input) => String(input).trim())
  .pipe(text(THRESHOLD, (given) => given !== "" && Number.isFinite(Number(given))))
  .transform(Number);

const fields = section({
  type: z.literal("prometheus"),
  ...commonFields,
  url: address,
  query: text("a PromQL query of 2,000 characters at most", (query) => query !== "" && query.length <= 2_000),
  above: threshold.optional(),
  below: threshold.optional(),
  for: duration("a duration from 0 to 1h, such as 2m", (ms) => ms <= 3_600_000).prefault("1m"),
  token: bearerToken.optional(),
});

export const prometheus = fields
  .superRefine(fieldsFit, EVEN_AMONG_FAULTS)
  .transform(({ above, below, token, ...given }): PrometheusCheckConfig => ({
    ...withCommon({ ...given, failures: 1 }),
    bad: above === undefined ? { is: "below", threshold: below ?? 0 } : { is: "above", threshold: above },
    token: token ?? null,
  }));

const Times = z.object({ for: z.number(), window: z.number() });

/** Fields that go together. The values may be at fault themselves. */
function fieldsFit(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const has = (name: string) => typeof given === "object" && given !== null && given[name] !== undefined;
  const fault = (name: string, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  if (!has("above") && !has("below")) fault("above", "is missing, and so is below; give one of them");
  if (has("above") && has("below")) fault("below", "is given, and so is above; give one of them");
  const times = Times.safeParse(given).data;
  if (times && times.for >= times.window)
    fault("for", "must be shorter than window, or it can never be over");
}
