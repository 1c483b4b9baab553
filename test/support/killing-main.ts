/**
 * The service with gates in its ports: the process kills itself with SIGKILL before or after the effect whose
 * number is in KILL_AT. Production code knows nothing of this; it is composed of other adapters.
 */
import { pino } from "pino";
import { readFileSync } from "node:fs";
import { ADAPTERS, startService } from "../../src/compose.ts";
import { readConfig } from "../../src/config/load.ts";
import type { Processor } from "../../src/core/ports.ts";
import { gatedAlerts, gatedHold, gatedPaddle, gatedStore } from "./engine/gated-ports.ts";
import type { Gate } from "./engine/gates.ts";

const killAt = Number(process.env["KILL_AT"]);
const when = process.env["KILL_WHEN"];
let count = -1;

const gate: Gate = {
  async pass(effect, act) {
    count += 1;
    if (count !== killAt) return act();
    if (when === "before") return die(effect);
    await act();
    return die(effect);
  },
};

function die(effect: string): Promise<never> {
  process.stderr.write(`${JSON.stringify({ killed: when, effect })}\n`);
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}

const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
await startService(config, pino({ level: config.logLevel }), {
  ...ADAPTERS,
  openPaddle: (options) => gatedPaddle(ADAPTERS.openPaddle(options), gate),
  openStore: (options) => gatedStore(ADAPTERS.openStore(options), gate),
  buildProcessors(deps) {
    const processors = ADAPTERS.buildProcessors({ ...deps, alerts: gatedAlerts(deps.alerts, gate) });
    const gated =
      (processor: Processor): Processor =>
      async (work, hold) => {
        const outcome = await processor(work, gatedHold(hold, gate));
        // The last effect of a run is that the queue writes its outcome down.
        return gate.pass(`queue.${outcome.kind}`, () => Promise.resolve(outcome));
      };
    return {
      rotate: gated(processors.rotate),
      "revoke-first": gated(processors["revoke-first"]),
      replace: gated(processors.replace),
    };
  },
});
