/** Another key takes the place of one that cannot rotate itself, and the process dies on the way. */
import { describeCrashes } from "../support/crash-suite.ts";
import { REPLACEMENTS } from "../support/crash-stories-of-replacements.ts";

await describeCrashes(REPLACEMENTS);
