/** The grace budget in numbers. That it suffices is a rule of the configuration (config/grace-budget.ts). Pure. */
import type { KeyConfig } from "../../config/keys.ts";
import { formatDuration } from "../../core/duration.ts";
import { type Finding, ok, warning } from "./finding.ts";

export function judgeBudget({ name, rotation, consumers }: KeyConfig): Finding {
  const graceMs = rotation.graceSeconds * 1000;
  const grace = formatDuration(graceMs);
  const [slowest] = consumers.toSorted((a, b) => takes(b) - takes(a));
  if (slowest)
    return ok(
      name,
      `grace ${grace}: ${slowest.name}, its slowest consumer, needs at most ${formatDuration(takes(slowest))}, ` +
        `so ${formatDuration(graceMs - takes(slowest))} are to spare`,
    );
  const risk =
    graceMs === 0
      ? "a rotation cuts them off at once"
      : `one that does not read it again within ${grace} fails`;
  return warning(
    name,
    `no consumer is configured: nothing shows that applications use the new secret, and ${risk}`,
    "name the applications under consumers, at least with type: none and their refresh (docs/consumers.md)",
  );
}

function takes({ refreshMs, timeoutMs }: KeyConfig["consumers"][number]): number {
  return refreshMs + timeoutMs;
}
