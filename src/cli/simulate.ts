/**
 * `simulate <event>`: sends one's own public listener a signed event, as Paddle would. About a key that nobody
 * manages it shows that the path works and rotates nothing; about a managed key it makes the service act.
 */
import type { Config } from "../config/config.ts";
import { KEY_EVENT_TYPES } from "../core/key-events.ts";
import { type ApiKey, identify } from "../core/paddle-key.ts";
import type { Clock, PaddleApi } from "../core/ports.ts";
import { type Answer, UsageError } from "./answer.ts";
import type { OpenStore } from "./check/stores.ts";
import { listenerAddress } from "./listener-address.ts";
import { type Delivered, explain, PADDLE_WAITS_MS, send, signatureOf } from "./simulate/delivery.ts";
import { EFFECTS } from "./simulate/effects.ts";
import { simulatedEvent, type SimulatedType } from "./simulate/event.ts";
import { confirmByName, type Terminal } from "./terminal.ts";

export type SimulateOptions = {
  readonly key?: string | undefined;
  readonly to?: string | undefined;
  readonly yes?: boolean | undefined;
};

export type SimulateDeps = {
  readonly openStore: OpenStore;
  readonly paddle: Pick<PaddleApi, "ask">;
  readonly clock: Clock;
};

const WEBHOOKS = "/webhooks/paddle";

/** Throws UsageError, and Error where a store or Paddle fails. */
export async function simulate(
  config: Config,
  type: string,
  options: SimulateOptions,
  terminal: Terminal,
  deps: SimulateDeps,
): Promise<Answer> {
  if (!isKeyEvent(type))
    throw new UsageError(`there is no event ${type}; there are ${KEY_EVENT_TYPES.join(", ")}`);
  const to = addressOf(options.to, config);
  const [secret] = config.webhook.secrets;
  if (!secret)
    throw new UsageError("PADDLE_WEBHOOK_SECRETS is not set here: an event cannot be signed without it");
  const { name, key } = await keyOf(options.key, config, deps);
  const { queue, does } = EFFECTS[type];
  if (name !== null && !options.yes)
    await confirmByName(terminal, name, `This is no rehearsal: ${does.managed(name)}`);
  const now = deps.clock.now();
  const event = simulatedEvent(type, key, now);
  const answer = await send(to, event.body, signatureOf(event.body, secret, now));
  const tookMs = deps.clock.now() - now;
  return report({
    type,
    event,
    answer,
    tookMs,
    to,
    job: jobPage(config, queue, event.id),
    does: name === null ? does.unmanaged : does.managed(name),
  });
}

function isKeyEvent(type: string): type is SimulatedType {
  return KEY_EVENT_TYPES.includes(type);
}

async function keyOf(
  name: string | undefined,
  config: Config,
  { openStore, paddle }: SimulateDeps,
): Promise<{ name: string; key: ApiKey } | { name: null; key: null }> {
  if (name === undefined) return { name: null, key: null };
  const managed = config.keys.find((key) => key.name === name);
  if (!managed)
    throw new UsageError(
      `there is no key ${name}; there are ${config.keys.map((key) => key.name).join(", ")}`,
    );
  const { active } = (await (await openStore(managed.store, "active")).read()).slots;
  if (!active) throw new Error(`the store of ${name} holds no active secret`);
  const identity = identify(active.secret);
  if (!identity)
    throw new Error(
      `${name} is a legacy key, whose secret names no key id: there is no event to make about it`,
    );
  // With its real expiry, without which the service would take the event for one that the world has overtaken.
  const answer = await paddle.ask(identity.keyId, active.secret);
  if (!answer.accepted)
    throw new Error(`Paddle refuses the active secret of ${name}: run npm run rotator -- check`);
  return { name, key: answer.key };
}

function addressOf(to: string | undefined, { publicListener }: Config): URL {
  if (to === undefined && publicListener.port === 0)
    throw new UsageError(
      "PORT is 0, so only the log says where the service listens: name it with --to http://127.0.0.1:<port>",
    );
  const url = URL.parse(to ?? listenerAddress(publicListener));
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash)
    throw new UsageError("--to must be an http:// or https:// address without user, password and #");
  if (url.pathname === "/") url.pathname = WEBHOOKS;
  return url;
}

type Reported = {
  readonly type: SimulatedType;
  readonly event: { readonly id: string; readonly keyId: string };
  readonly answer: Delivered;
  readonly tookMs: number;
  readonly to: URL;
  readonly job: string;
  readonly does: string;
};

function report({ type, event, answer, tookMs, to, job, does }: Reported): Answer {
  const ok = "status" in answer && answer.status === 200 && tookMs < PADDLE_WAITS_MS;
  const json = {
    ok,
    event: type,
    eventId: event.id,
    keyId: event.keyId,
    to: to.href,
    status: "status" in answer ? answer.status : null,
    tookMs,
    job: "status" in answer && answer.status === 200 ? job : null,
  };
  if (ok) {
    const lines = [
      `ok      ${to.href} took ${type} (${event.id}) with 200 after ${tookMs} ms`,
      `        about ${event.keyId}: ${does}`,
      `look    ${job}`,
    ];
    return { ok, text: lines.join("\n"), json };
  }
  const [fault, remedy] = explain(answer, tookMs, to);
  return { ok, text: `failed  ${fault}\n        ${remedy}`, json: { ...json, fault, remedy } };
}

function jobPage({ adminListener }: Config, queue: string, eventId: string): string {
  return `${listenerAddress(adminListener)}/queues/queue/${queue}/${eventId}`;
}
