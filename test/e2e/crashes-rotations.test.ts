/** A rollback and its end, and the answer to somebody else's rotation; the process dies on the way. */
import { describeCrashes } from "../support/crash-suite.ts";
import { ROTATIONS } from "../support/crash-stories-of-rotations.ts";

await describeCrashes(ROTATIONS);
