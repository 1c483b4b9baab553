/** Finds variables that were probably meant to be ours: one that nobody reads protects nothing and tells nobody. */
import type { Fault } from "./faults.ts";
import { nearest } from "./nearest.ts";

/**
 * One fault for each variable that is set, unknown, and named almost like one of `known` (or its _FILE twin) that is
 * not set. Names of one word are left alone: HOME is no slip of HOST.
 */
export function misspelt(set: readonly string[], known: readonly string[]): Fault[] {
  const twins = known.flatMap((name) => [name, `${name}_FILE`]);
  const taken = new Set(set);
  // Whoever set the right name too uses the other one for something else.
  const unset = known
    .filter((name) => name.includes("_") && !taken.has(name) && !taken.has(`${name}_FILE`))
    .flatMap((name) => [name, `${name}_FILE`]);
  return set.toSorted().flatMap((name) => {
    if (twins.includes(name)) return [];
    const meant = nearest(name, unset);
    return meant === undefined
      ? []
      : [{ at: name, message: `is not a known variable; did you mean ${meant}? Rename or unset it` }];
  });
}
