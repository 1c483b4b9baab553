/** An exposure meets a rotation that is under way, and the process dies on the way. */
import { describeCrashes } from "../support/crash-suite.ts";
import { EXPOSURES } from "../support/crash-stories-of-exposures.ts";

await describeCrashes(EXPOSURES);
