/** A simulated account in memory: its clock stands still and its random numbers are always the same. */
import { type Account, openAccount } from "../../support/paddle-simulator/account/account.ts";
import { createKey, type KeyOptions } from "../../support/paddle-simulator/account/dashboard.ts";
import { inspectKey, type KeyView } from "../../support/paddle-simulator/account/inspect.ts";
import type { Environment, Random } from "../../support/paddle-simulator/account/mint.ts";
import { settle } from "../../support/paddle-simulator/account/settle.ts";
import { Api } from "../../support/paddle-simulator/api/api.ts";
import { movableClock, type SimulatorClock } from "../../support/paddle-simulator/clock.ts";
import { DEFAULT_SWITCHES, type Switches } from "../../support/paddle-simulator/switches.ts";
import { parseAnswer, type Parsed } from "./parsed.ts";

export const START = Date.UTC(2026, 10, 21, 1);
export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export type CallOptions = {
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly source?: string;
};

export type World = {
  readonly account: Account;
  readonly clock: SimulatorClock;
  createKey(options?: KeyOptions): KeyView;
  key(id: string): KeyView;
  call(method: string, path: string, options?: CallOptions): Parsed;
  /** `POST …/rotations` by the key itself; returns the new secret. */
  rotate(id: string, secret: string, graceSeconds?: number, more?: object): string;
  /** Types and subjects of the events so far, oldest first. */
  happened(): readonly string[];
};

export function openWorld(switches: Partial<Switches> = {}, environment: Environment = "sandbox"): World {
  const clock = movableClock({ base: { now: () => START } });
  const all = { ...DEFAULT_SWITCHES, ...switches };
  const account = openAccount({ environment, switches: all, clock, random: sameNumbersAlways() });
  const api = new Api(account, "http://paddle.test");
  const call: World["call"] = (method, path, { secret, headers = {}, body, source = "1.2.3.4" } = {}) => {
    const authorization = secret === undefined ? undefined : `Bearer ${secret}`;
    const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
    const response = api.handle({ method, path, headers: { authorization, ...headers }, body: text, source });
    return parseAnswer(response.status, response.headers, response.body);
  };
  return {
    account,
    clock,
    createKey: (options) => inspectKey(account, createKey(account, options).id),
    key: (id) => inspectKey(account, id),
    call,
    rotate: (id, secret, graceSeconds = 3600, more = {}) => {
      const body = { grace_period_seconds: graceSeconds, ...more };
      const { one, json } = call("POST", `/api-keys/${id}/rotations`, { secret, body });
      if (typeof one["new_key"] !== "string") throw new Error(`no new key: ${JSON.stringify(json)}`);
      return one["new_key"];
    },
    happened: () => {
      settle(account);
      return account.events.map(({ type, data }) =>
        "status" in data && type.startsWith("api_key_rotation") ? `${type} ${data.status}` : type,
      );
    },
  };
}

/** Mulberry32. */
export function sameNumbersAlways(seed = 1): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
