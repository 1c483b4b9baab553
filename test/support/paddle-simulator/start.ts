/** Paddle on loopback: a real HTTP API and real webhooks around one simulated account. See the README beside it. */
import { randomInt } from "node:crypto";
import { openAccount, type PaddleEvent } from "./account/account.ts";
import { isAlive } from "./account/authenticate.ts";
import {
  createKey,
  editKey,
  expireNow,
  type KeyEdit,
  type KeyOptions,
  reactivate,
  revoke,
  warnExpiring,
} from "./account/dashboard.ts";
import {
  addDestination,
  type Destination,
  type DestinationOptions,
  switchDestination,
} from "./account/destinations.ts";
import { expose, type ExposureOptions } from "./account/expose.ts";
import { activatedRotations, inspectKey, type KeyView } from "./account/inspect.ts";
import type { Environment } from "./account/mint.ts";
import { settle } from "./account/settle.ts";
import { rotateAsThief, type TheftOptions } from "./account/thief.ts";
import { Api } from "./api/api.ts";
import { movableClock, type SimulatorClock, type TimeSource } from "./clock.ts";
import { Faults } from "./http/faults.ts";
import { type LoggedRequest, RequestLog } from "./http/request-log.ts";
import { serve } from "./http/server.ts";
import { DEFAULT_SWITCHES, type Switches } from "./switches.ts";
import { type Delivery, Webhooks } from "./webhooks/webhooks.ts";

/** How often the simulator looks what is due, in real milliseconds: no webhook goes out later than that. */
const HEARTBEAT_MS = 20;

export type SimulatorOptions = {
  /** Left out: 127.0.0.1. */
  readonly host?: string;
  /** Left out: a free one. */
  readonly port?: number;
  /** Left out: real time, which `clock.advance` moves. Any other clock is followed and can be moved likewise. */
  readonly clock?: TimeSource | SimulatorClock;
  readonly environment?: Environment;
  readonly switches?: Partial<Switches>;
};

export type PaddleSimulator = {
  /** `http://127.0.0.1:<port>`: what `PADDLE_API_URL` of the service says. */
  readonly url: string;
  readonly clock: SimulatorClock;
  readonly faults: Faults;
  /** API requests in the order of arrival, without their secrets. */
  readonly requests: readonly LoggedRequest[];
  /** Everything that happened, oldest first, also what no destination was told. */
  readonly events: readonly PaddleEvent[];
  /** Webhooks in the order of their events, delivered or not. */
  readonly deliveries: readonly Delivery[];
  createKey(options?: KeyOptions): { id: string; secret: string };
  /** A key as it is now, with its secrets. */
  key(id: string): KeyView;
  /** Whether the secret would authenticate now. Looking activates nothing. */
  isAlive(secret: string): boolean;
  /** How many rotations of the key were completed by a first use. */
  activatedRotations(keyId: string): number;
  revoke(id: string, options: { by: "user" | "paddle" }): void;
  /** Throws where Paddle's dashboard would not do it. */
  reactivate(id: string): void;
  /** Paddle finds one of the key's secrets in public. */
  expose(id: string, options?: ExposureOptions): void;
  /** Emits `api_key.expiring` now, without waiting for the seventh day before. */
  warnExpiring(id: string): void;
  /** Lets the key's expiry come now. */
  expireNow(id: string): void;
  /** Changes name, description or permissions, as people can in the dashboard. */
  editKey(id: string, edit: KeyEdit): void;
  /** A thief rotates the key that the stolen secret is of; the answer is what only the thief knows. */
  rotateAsThief(stolen: string, options?: TheftOptions): { rotationId: string; secret: string };
  /** Looks at the clock: what fell due happens, and webhooks go out. It is also done by itself all the time. */
  tick(): void;
  addDestination(options: DestinationOptions): { id: string; secret: string };
  /** Where webhooks go now, oldest first, also what was made or changed through the API. */
  destinations(): readonly Destination[];
  /** Events that happen while a destination is off never reach it. */
  switchDestination(id: string, active: boolean): void;
  /** Resolves once no webhook is under way or due. Retries that lie ahead are not waited for: advance the clock. */
  settled(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function startPaddleSimulator(options: SimulatorOptions = {}): Promise<PaddleSimulator> {
  const { host = "127.0.0.1", port = 0, environment = "sandbox" } = options;
  const clock = asMovable(options.clock);
  const switches = { ...DEFAULT_SWITCHES, ...options.switches };
  const account = openAccount({ environment, switches, clock, random });
  const webhooks = new Webhooks(account, clock);
  const faults = new Faults();
  const log = new RequestLog();
  const tick = () => {
    settle(account);
    webhooks.pump();
  };
  const server = await serve({ host, port }, (origin) => new Api(account, origin), {
    faults,
    log,
    now: () => clock.now(),
  });
  const heartbeat = setInterval(tick, HEARTBEAT_MS).unref();
  const close = async () => {
    clearInterval(heartbeat);
    await Promise.all([server.close(), webhooks.close()]);
  };
  return {
    url: server.url,
    clock,
    faults,
    requests: log.entries,
    events: account.events,
    deliveries: webhooks.deliveries,
    createKey: (of) => {
      const { id, current } = createKey(account, of);
      return { id, secret: current };
    },
    key: (id) => inspectKey(account, id),
    isAlive: (secret) => isAlive(account, secret),
    activatedRotations: (keyId) => activatedRotations(account, keyId),
    revoke: (id, how) => revoke(account, id, how),
    reactivate: (id) => reactivate(account, id),
    expose: (id, how) => expose(account, id, how),
    warnExpiring: (id) => warnExpiring(account, id),
    expireNow: (id) => expireNow(account, id),
    editKey: (id, edit) => editKey(account, id, edit),
    rotateAsThief: (stolen, how) => rotateAsThief(account, stolen, how),
    tick,
    addDestination: (of) => {
      tick();
      const { id, secret } = addDestination(account, of);
      return { id, secret };
    },
    destinations: () => account.destinations.map((destination) => ({ ...destination })),
    switchDestination: (id, active) => {
      // What happened before counts by how it was switched then.
      tick();
      switchDestination(account, id, active);
    },
    settled: () => {
      tick();
      return webhooks.settled();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function random(): number {
  return randomInt(2 ** 47) / 2 ** 47;
}

function asMovable(clock: TimeSource | SimulatorClock | undefined): SimulatorClock {
  if (!clock) return movableClock();
  return "advance" in clock && "base" in clock ? clock : movableClock({ base: clock });
}
