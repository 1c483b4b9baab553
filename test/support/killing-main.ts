/**
 * The service with gates in its ports: at the effect whose number is in STRIKE_AT the process kills itself with
 * SIGKILL (STRIKE: `dies before`, `dies after`) or stops itself with SIGSTOP until it is sent SIGCONT (`freezes before`).
 * Production code knows nothing of this; it is composed of other adapters.
 */
import { pino } from "pino";
import { readFileSync } from "node:fs";
import { ADAPTERS, startService } from "../../src/compose.ts";
import { readConfig } from "../../src/config/load.ts";
import type { Processor } from "../../src/core/ports.ts";
import type { ProcessorDeps } from "../../src/rotation/processors.ts";
import { gatedAlerts, gatedHold, gatedPaddle, gatedRecords, gatedStore } from "./engine/gated-ports.ts";
import type { Gate } from "./engine/gates.ts";

const strikeAt = Number(process.env["STRIKE_AT"]);
const strike = process.env["STRIKE"];
let count = -1;

const gate: Gate = {
  async pass(_effect, act) {
    count += 1;
    if (count !== strikeAt) return act();
    if (strike === "freezes before") process.kill(process.pid, "SIGSTOP");
    if (strike === "dies before") return die();
    const result = await act();
    return strike === "dies after" ? die() : result;
  },
};

function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}

const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
const gatedBoth = (paddle: ProcessorDeps["paddle"]) => ({
  ...gatedPaddle(paddle, gate),
  urgent: gatedPaddle(paddle.urgent, gate),
});

await startService(config, pino({ level: config.logLevel }), {
  ...ADAPTERS,
  openStore: (options) => gatedStore(ADAPTERS.openStore(options), gate),
  buildProcessors(deps) {
    const processors = ADAPTERS.buildProcessors({
      ...deps,
      paddle: gatedBoth(deps.paddle),
      alerts: gatedAlerts(deps.alerts, gate),
      records: gatedRecords(deps.records, gate),
    });
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
      // It writes no slot; what it finds out is asked for as work of the others.
      inspect: ADAPTERS.buildProcessors(deps).inspect,
    };
  },
});
