/**
 * What is judged of a webhook before anything of it is read but who sends it: whether its address may send at all, and
 * whether it has called for nothing too often.
 */
import type { Heard } from "../webhook/receive.ts";
import { plainAddress } from "./network-address.ts";
import { RareLine } from "./rare-line.ts";
import { type Asking, forwardedFor, senderOf } from "./sender.ts";
import { SenderLimits } from "./sender-limits.ts";
import { Networks } from "./source-addresses.ts";
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
    const { sender, isKnown } = senderOf(request, this.#proxies);
    return this.#sources ? this.#judgeAgainst(this.#sources, sender, isKnown) : this.#admit(sender);
  }

  /** What became of an admitted webhook. */
  learn(sender: string, result: Heard["result"], request: Asking): void {
    if (!GOOD.has(result)) return this.calledForNothing(sender);
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

  /** An admitted request of which nothing was looked at: too large, encoded, broken off. */
  calledForNothing(sender: string): void {
    this.#limits.failed(sender);
  }

  async #judgeAgainst(sources: WebhookSources, sender: string, isKnown: boolean): Promise<Judgement> {
    if (isKnown && (await sources.allows(sender))) return this.#admit(sender);
    this.#foreign.tell({ sender });
    return { kind: "foreign" };
  }

  #admit(sender: string): Judgement {
    const turn = this.#limits.admit(sender);
    if (turn.kind === "admitted") return { kind: "admitted", sender };
    this.#limited.tell({ sender });
    return { kind: "limited", retryAfterSeconds: Math.ceil(turn.waitSeconds) };
  }
}
