/**
 * What is judged of a webhook before anything of it is read but who sends it: whether its address may send at all, and
 * whether it has called for nothing too often.
 */
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Heard } from "../webhook/receive.ts";
import { plainAddress } from "./admin/network-address.ts";
import { SenderLimits } from "./sender-limits.ts";
import { Networks, senderOf } from "./source-addresses.ts";
import { type AllowedSources, WebhookSources, type WebhookSourcesDeps } from "./webhook-sources.ts";

export type WebhookGateSettings = {
  /** null: webhooks are taken from everywhere. */
  readonly allowedSources: AllowedSources | null;
  /** Addresses and networks. Only they are believed whom they were called by. */
  readonly trustedProxies: readonly string[];
};

export type Judgement =
  | { readonly kind: "admitted"; readonly sender: string }
  | { readonly kind: "foreign" }
  | { readonly kind: "limited"; readonly retryAfterSeconds: number };

type Asking = Pick<FastifyRequest, "headers"> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** A flood fills no disk: of refusals, one line a minute. */
const TELL_EVERY_MS = 60_000;
const GOOD: ReadonlySet<Heard["result"]> = new Set(["queued", "ignored", "not-queued", "not-an-event"]);

export class WebhookGate {
  readonly #deps: WebhookSourcesDeps;
  readonly #proxies: Networks;
  readonly #sources: WebhookSources | null;
  readonly #limits: SenderLimits;
  readonly #foreign: RareLine;
  readonly #limited: RareLine;
  #knowsProxy = false;

  constructor({ allowedSources, trustedProxies }: WebhookGateSettings, deps: WebhookSourcesDeps) {
    this.#deps = deps;
    this.#proxies = new Networks(trustedProxies);
    this.#sources = allowedSources && new WebhookSources(allowedSources, deps);
    this.#limits = new SenderLimits(deps.clock);
    this.#foreign = new RareLine(deps, "webhook refused: webhooks.allowedSources does not have its address");
    this.#limited = new RareLine(deps, "webhook refused: too many came from its address for nothing");
  }

  /** At once, where no list has to be looked at. */
  judge(request: Asking): Judgement | Promise<Judgement> {
    const remote = request.socket.remoteAddress;
    const named = senderOf({ remote, forwardedFor: forwardedFor(request) }, this.#proxies);
    const sender = named ?? plainAddress(remote);
    return this.#sources ? this.#judgeAgainst(this.#sources, sender, named !== null) : this.#admit(sender);
  }

  /** What became of an admitted webhook. */
  learn(sender: string, result: Heard["result"], request: Asking): void {
    if (!GOOD.has(result)) return this.#limits.failed(sender);
    this.#limits.proved(sender);
    if (this.#knowsProxy || forwardedFor(request) === undefined) return;
    this.#knowsProxy = true;
    const proxy = plainAddress(request.socket.remoteAddress);
    if (this.#proxies.has(proxy)) return;
    this.#deps.log.warn(
      { proxy },
      "webhooks come through a proxy that webhooks.trustedProxies does not name: all its senders count as one",
    );
  }

  async #judgeAgainst(sources: WebhookSources, sender: string, isKnown: boolean): Promise<Judgement> {
    if (isKnown && (await sources.allows(sender))) return this.#admit(sender);
    this.#foreign.tell(sender);
    return { kind: "foreign" };
  }

  #admit(sender: string): Judgement {
    const turn = this.#limits.admit(sender);
    if (turn.kind === "admitted") return { kind: "admitted", sender };
    this.#limited.tell(sender);
    return { kind: "limited", retryAfterSeconds: Math.ceil(turn.waitSeconds) };
  }
}

/** One line a minute, with how many it stands for. */
class RareLine {
  readonly #deps: Pick<WebhookSourcesDeps, "clock" | "log">;
  readonly #says: string;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(deps: { readonly clock: WebhookSourcesDeps["clock"]; readonly log: Logger }, says: string) {
    this.#deps = deps;
    this.#says = says;
  }

  tell(sender: string): void {
    this.#untold += 1;
    const now = this.#deps.clock.now();
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#deps.log.warn({ sender, count: this.#untold }, this.#says);
    this.#toldAt = now;
    this.#untold = 0;
  }
}

function forwardedFor({ headers }: Asking): string | undefined {
  return headers["x-forwarded-for"]?.toString();
}
