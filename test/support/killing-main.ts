/**
 * The service with gates in its ports. Effects are counted within the jobs that STRIKE_IN names, e.g. `rotate (expiring)`,
 * or `api` for what people ask for; at the one whose number is in STRIKE_AT the process kills itself with SIGKILL
 * (STRIKE: `dies before`, `dies after`) or stops itself with SIGSTOP until it is sent SIGCONT (`freezes before`).
 * Without STRIKE it only says in its log which effects it passed. CLOCK_AHEAD_MS: what passed while no process ran.
 * Production code knows nothing of this; it is composed of other adapters.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { startService } from "../../src/compose.ts";
import { ADAPTERS } from "../../src/compose/adapters.ts";
import { createLogger } from "../../src/logger.ts";
import { readConfig } from "../../src/config/load.ts";
import type { Processor } from "../../src/core/ports.ts";
import type { ProcessorDeps } from "../../src/rotation/processors.ts";
import { gatedAlerts, gatedHold, gatedPaddle, gatedRecords, gatedStore } from "./engine/gated-ports.ts";
import type { Gate } from "./engine/gates.ts";

const aheadMs = Number(process.env["CLOCK_AHEAD_MS"] ?? 0);
const realNow = Date.now;
// The queue's own delays must see it, too.
Date.now = () => realNow() + aheadMs;

const strike = process.env["STRIKE"];
const strikeAt = Number(process.env["STRIKE_AT"]);
const strikeIn = process.env["STRIKE_IN"]?.split(",") ?? [];
let count = -1;

/** Jobs run at the same time, and in any order: each knows its effects. */
const running = new AsyncLocalStorage<string>();
const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
const log = createLogger(config.logLevel);

const gate: Gate = {
  async pass(effect, act) {
    const job = running.getStore() ?? "api";
    if (!strikeIn.includes(job)) return act();
    log.info({ passes: effect, job });
    count += 1;
    if (count !== strikeAt) return act();
    if (strike === "dies before") return die();
    if (strike === "freezes before") process.kill(process.pid, "SIGSTOP");
    if (strike !== "dies after") return act();
    // Also after an effect that Paddle refused.
    await act().catch(() => {});
    return die();
  },
};

function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}

const gatedBoth = (paddle: ProcessorDeps["paddle"]) => ({
  ...gatedPaddle(paddle, gate),
  urgent: gatedPaddle(paddle.urgent, gate),
});

await startService(config, log, {
  ...ADAPTERS,
  async openStore(options, needs) {
    const name = "path" in options && options.path.endsWith("standby.env") ? "standby" : "store";
    return gatedStore(await ADAPTERS.openStore(options, needs), gate, name);
  },
  buildProcessors(deps) {
    const processors = ADAPTERS.buildProcessors({
      ...deps,
      paddle: gatedBoth(deps.paddle),
      alerts: gatedAlerts(deps.alerts, gate),
      records: gatedRecords(deps.records, gate),
    });
    const gated =
      (processor: Processor): Processor =>
      (work, hold) =>
        running.run(`${work.job} (${work.intent.kind})`, async () => {
          const outcome = await processor(work, gatedHold(hold, gate));
          // The last effect of a run is that the queue writes its outcome down.
          return gate.pass(`queue.${outcome.kind}`, () => Promise.resolve(outcome));
        });
    return {
      rotate: gated(processors.rotate),
      "revoke-first": gated(processors["revoke-first"]),
      replace: gated(processors.replace),
      inspect: gated(processors.inspect),
    };
  },
});
// A process that is killed leaves nothing for the next one to start faster with.
flushCompileCache();
