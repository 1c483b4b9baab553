/** The sections `checks`: one schema for each kind of check, told apart by its `type`. One line here for each. */
import { z } from "zod";
import { mustBe } from "../fields.ts";
import { namesDiffer } from "../names-differ.ts";
import { EVEN_AMONG_FAULTS } from "../section.ts";
import { command, type CommandCheckConfig } from "./command.ts";
import { http, type HttpCheckConfig } from "./http.ts";
import { prometheus, type PrometheusCheckConfig } from "./prometheus.ts";

export type CheckConfig = HttpCheckConfig | PrometheusCheckConfig | CommandCheckConfig;

/** More would not be done within the time between two looks. */
const MOST = 20;

/** The schema of the section of each kind. */
export const checkSections = [http, prometheus, command] as const;

const types = checkSections.map((schema) => schema.in.shape.type.value).join(", ");

/** The schema of the list `checks` of one key. */
export const checksSection = z
  .array(
    z.discriminatedUnion("type", checkSections, {
      error: ({ code }) =>
        code === "invalid_union"
          ? `must be one of ${types}`
          : `must be a section with a type, one of ${types}`,
    }),
    { error: mustBe("a list with one entry, beginning with - name:, for each check") },
  )
  .max(MOST, { error: mustBe(`a list of ${MOST} checks at most`) })
  // Alerts and the record know a check by its key and its name.
  .superRefine(namesDiffer("check"), EVEN_AMONG_FAULTS);

const Checked = z.object({
  rotation: z.object({ graceSeconds: z.number() }),
  checks: z.array(z.unknown()),
});
const Windowed = z.object({ windowMs: z.number() });

/**
 * For `superRefine` on the section of one key, which may hold anything: once the former secret is dead there is nothing
 * to go back to.
 */
export function windowsFit(key: unknown, context: z.RefinementCtx): void {
  const checked = Checked.safeParse(key).data;
  for (const [index, check] of (checked?.checks ?? []).entries()) {
    const windowMs = Windowed.safeParse(check).data?.windowMs ?? 0;
    const graceMs = (checked?.rotation.graceSeconds ?? 0) * 1_000;
    if (windowMs > graceMs)
      context.addIssue({
        code: "custom",
        path: ["checks", index, "window"],
        message: `is longer than rotation.grace (${graceMs / 60_000}m), after which the former secret is dead; lower window or raise grace`,
      });
  }
}
