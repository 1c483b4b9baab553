/** `register`, `simulate` and `conformance` with the real adapters. */
import { readFileSync } from "node:fs";
import { pino } from "pino";
import type { Adapters } from "../compose/adapters.ts";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/load.ts";
import { VERSION } from "../version.ts";
import type { Answer } from "./answer.ts";
import { NO_LEASES } from "./check/stores.ts";
import type { Call } from "./command.ts";
import { conformance, type ConformanceOptions } from "./conformance.ts";
import { configBeforeRegistration, register } from "./register.ts";
import type { RegisterOptions } from "./register/options.ts";
import { simulate, type SimulateOptions } from "./simulate.ts";

type CallWith<Options> = Omit<Call, "values"> & { readonly values: Options };

/** A person waits, so more than the service's share; the other half of Paddle's 240 is for the service and everybody else. */
const REQUESTS_PER_MINUTE = 120;

/** @param replaced what a test has in the place of the real adapters */
export async function runRegister(
  { env, values, terminal }: CallWith<RegisterOptions>,
  replaced: Partial<Adapters> = {},
): Promise<Answer> {
  const config = configBeforeRegistration(env, (given) => {
    return readConfig({ env: given, readFile: (path) => readFileSync(path, "utf8") });
  });
  return withPaddle(config, replaced, (deps) => register(config, values, terminal, deps));
}

export async function runSimulate(
  { config: readIt, name, values, terminal }: CallWith<SimulateOptions>,
  replaced: Partial<Adapters> = {},
): Promise<Answer> {
  const config = readIt();
  return withPaddle(config, replaced, (deps) => simulate(config, name, values, terminal, deps));
}

export async function runConformance(
  { config: readIt, values, terminal }: CallWith<ConformanceOptions>,
  replaced: Partial<Adapters> = {},
): Promise<Answer> {
  const config = readIt();
  return withPaddle(config, replaced, (deps) => conformance(config, values, terminal, deps));
}

async function withPaddle(
  { paddle: { apiUrl } }: Config,
  replaced: Partial<Adapters>,
  run: (deps: Parameters<typeof register>[3] & Parameters<typeof conformance>[3]) => Promise<Answer>,
): Promise<Answer> {
  const real = (await import("../compose/adapters.ts")).ADAPTERS;
  const { clock, openPaddle, openStore } = { ...real, ...replaced };
  const paddle = openPaddle({
    apiUrl: apiUrl && new URL(apiUrl),
    requestsPerMinute: REQUESTS_PER_MINUTE,
    version: VERSION,
    clock,
    log: pino({ level: "silent" }),
  });
  try {
    return await run({
      clock,
      paddle,
      openStore: (store, holds) => openStore(store, { clock, leases: NO_LEASES, holds }),
    });
  } finally {
    void paddle.close();
  }
}
