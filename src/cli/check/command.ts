/** `check` with the real adapters. A configuration that cannot be used is its first finding, and its last. */
import { pino } from "pino";
import type { Adapters } from "../../compose/adapters.ts";
import type { Config } from "../../config/config.ts";
import { ConfigError } from "../../core/errors.ts";
import { VERSION } from "../../version.ts";
import type { Answer } from "../answer.ts";
import type { Call } from "../command.ts";
import { answerOf, check } from "./check.ts";
import { NOTHING_KEPT } from "./consumers.ts";
import { failed, type Finding } from "./finding.ts";
import { NO_LEASES } from "./stores.ts";

/** A person waits, so more than the service's share; the other half of Paddle's 240 is for the service and everybody else. */
const REQUESTS_PER_MINUTE = 120;

const CONFIGURATION_FAULT = 78;

/** @param replaced what a test has in the place of the real adapters */
export async function runCheck(call: Call, replaced: Partial<Adapters> = {}): Promise<Answer> {
  let config: Config;
  try {
    config = call.config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return answerOf(faultsIn(error), CONFIGURATION_FAULT);
  }
  const real = (await import("../../compose/adapters.ts")).ADAPTERS;
  const { clock, openPaddle, openStore, openConsumer, openChannel } = { ...real, ...replaced };
  const { env, terminal } = call;
  const log = pino({ level: "silent" });
  const paddle = openPaddle({
    apiUrl: config.paddle.apiUrl && new URL(config.paddle.apiUrl),
    requestsPerMinute: REQUESTS_PER_MINUTE,
    version: VERSION,
    clock,
    log,
  });
  try {
    return await check(config, {
      clock,
      paddle,
      openStore: (store, holds) => openStore(store, { clock, leases: NO_LEASES, holds }),
      openConsumer: (consumer) =>
        openConsumer(consumer, { clock, random: Math.random, env, ...NOTHING_KEPT }),
      openChannel: (channel) => openChannel(channel.name, channel, { clock, log }),
      env,
      tell: terminal.output.isTTY ? (line) => void terminal.output.write(`${line}\n`) : null,
    });
  } finally {
    void paddle.close();
  }
}

/** One finding for each of its lines; each says where it is and what to do. */
function faultsIn(error: ConfigError): Finding[] {
  const [headline = "", ...faults] = error.message.split("\n");
  if (faults.length === 0) return [failed("configuration", headline, null)];
  return faults.map((fault) => failed("configuration", fault.trim(), null));
}
