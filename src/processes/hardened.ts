/**
 * What this process leaves behind and lets in. Its memory holds keys: no core dump has it, no report has the
 * environment, and no signal opens a debugger. What the command line can do of this, `npm start` and the container do
 * too; this holds however the process is started.
 */
import { readFileSync, writeFileSync } from "node:fs";

const FILTER = "/proc/self/coredump_filter";
/** Of no kind of memory is a copy written, if the process dies of a signal (Linux: core(5)). */
const NO_MEMORY = "0x0";

export type Hardened = {
  /** True: a core dump of this process or its children would have no memory in it; null: this system does not say. */
  readonly dumpsNoMemory: boolean | null;
};

/** To be called before any secret is read. */
export function hardenProcess(): Hardened {
  process.report.excludeEnv = true;
  // In the place of Node's own answer, which is to open the inspector's port on loopback.
  process.on("SIGUSR1", () => {});
  return { dumpsNoMemory: emptyDumps() };
}

function emptyDumps(): boolean | null {
  try {
    writeFileSync(FILTER, NO_MEMORY);
    return Number.parseInt(readFileSync(FILTER, "utf8"), 16) === 0;
  } catch {
    // Not Linux, or not allowed: then ulimit -c 0 is the way.
    return null;
  }
}
