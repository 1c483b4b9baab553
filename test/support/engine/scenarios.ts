/** Everything that must come to its right end, whatever fails on the way. */
import type { Scenario } from "./play.ts";
import { REPLACEMENTS } from "./scenarios-of-replacements.ts";
import { ROTATIONS } from "./scenarios-of-rotations.ts";

export const SCENARIOS: readonly Scenario[] = [...ROTATIONS, ...REPLACEMENTS];
