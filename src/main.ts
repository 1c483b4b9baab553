/** `npm start`: reads the configuration, starts the service, and stops it on SIGTERM or SIGINT. */
import { readFileSync } from "node:fs";
import { startService } from "./compose.ts";
import type { Config } from "./config/config.ts";
import { readConfig } from "./config/load.ts";
import { ConfigError } from "./core/errors.ts";
import { asJson, createLogger, prettyLines } from "./logger.ts";
import { hardenProcess } from "./processes/hardened.ts";
import { clearLeavings } from "./processes/leavings.ts";

/** Longer than a step of a rotation takes, shorter than orchestrators wait before they kill (30 s). */
const STOP_DEADLINE_MS = 20_000;
/** Of sysexits.h: whoever supervises the process knows by it that another start would fail the same way. */
const EX_CONFIG = 78;
/** A terminal sends Ctrl-C to npm and to us, and npm passes it on: twice at once is one wish. */
const SAME_SIGNAL_MS = 1_000;

function configOrExit(): Config {
  try {
    return readConfig({ env: process.env, readFile: (path) => readFileSync(path, "utf8") });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EX_CONFIG);
  }
}

hardenProcess();

const config = configOrExit();
const isRead = process.stdout.isTTY && config.logFormat === "auto";
const log = createLogger(config.logLevel, isRead ? await prettyLines() : asJson);

process.on("uncaughtException", (error) => {
  log.fatal({ err: error }, "the service cannot go on");
  process.exit(1);
});

const starting = startService(config, log).catch((error: unknown) => {
  log.fatal({ err: error }, "the service could not start");
  process.exit(error instanceof ConfigError ? EX_CONFIG : 1);
});

starting
  .then(() => clearLeavings())
  .catch((error: unknown) => log.error({ err: error }, "what work leaves behind is not given back"));

let stoppingSince: number | null = null;
async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stoppingSince !== null) {
    if (performance.now() - stoppingSince < SAME_SIGNAL_MS) return;
    log.warn({ signal }, "stopping at once");
    process.exit(1);
  }
  stoppingSince = performance.now();
  log.info({ signal }, "stopping: webhooks in flight are answered, jobs finish their step or are given back");
  setTimeout(() => {
    log.error("stopping took too long; what was in flight is taken up again after the next start");
    process.exit(1);
  }, STOP_DEADLINE_MS).unref();
  await (await starting)[Symbol.asyncDispose]();
  log.info("stopped");
  // A connection that was cut may still be trying to come back.
  process.exit(0);
}

// Before the start is over: the first process of a container that has no handler ignores the signal.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
