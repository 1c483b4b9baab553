/**
 * Holds a token that Vault accepts. It is renewed, or got anew, when it is needed and less than a third of its time
 * is left; nothing happens between two requests. Whoever needs it at the same time waits for the same answer.
 */
import type { Clock } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { TokenFacts, TokenGiven } from "./answers.ts";
import type { VaultClient } from "./client.ts";
import type { VaultAuth } from "./options.ts";
import { loginCall, refusedLogin } from "./sign-in.ts";

type Held = {
  readonly token: Secret;
  /** How long it was good for when it was given out or renewed last. */
  readonly leaseMs: number;
  /** Epoch milliseconds; null: it does not end, or nobody knows when. */
  readonly endsAt: number | null;
  readonly renewable: boolean;
};

export class Session {
  readonly #place: string;
  readonly #auth: VaultAuth;
  readonly #client: VaultClient;
  readonly #clock: Clock;
  #held: Held | null = null;
  #underWay: Promise<Held> | null = null;

  constructor(parts: { place: string; auth: VaultAuth; client: VaultClient; clock: Clock }) {
    this.#place = parts.place;
    this.#auth = parts.auth;
    this.#client = parts.client;
    this.#clock = parts.clock;
  }

  /** @throws StoreError */
  async token(): Promise<Secret> {
    const held = this.#held;
    if (held && !this.#isDue(held)) return held.token;
    return (await this.#once(() => (held ? this.#prolong(held) : this.#begin()))).token;
  }

  /**
   * Another token in the place of one that Vault refused; null: this method has no other.
   *
   * @throws StoreError
   */
  async another(refused: Secret): Promise<Secret | null> {
    const auth = this.#auth;
    if (auth.method === "token") return null;
    // Somebody else may have met the refusal before.
    const held = this.#held;
    if (held && !held.token.equals(refused)) return held.token;
    return (await this.#once(() => this.#begin())).token;
  }

  #isDue({ endsAt, leaseMs }: Held): boolean {
    return endsAt !== null && endsAt - this.#clock.now() < leaseMs / 3;
  }

  async #once(getToken: () => Promise<Held>): Promise<Held> {
    this.#underWay ??= getToken().finally(() => {
      this.#underWay = null;
    });
    const held = await this.#underWay;
    this.#held = held;
    return held;
  }

  async #begin(): Promise<Held> {
    const auth = this.#auth;
    if (auth.method === "token") return this.#lookUp(auth.token);
    const reply = await this.#client.send(await loginCall(auth, this.#place), null);
    if (reply.status !== 200) throw refusedLogin(auth, this.#place, reply);
    return this.#given(this.#client.read(reply, TokenGiven));
  }

  /** How long the operator's token lives. Where it may not ask for itself, what it is used for tells. */
  async #lookUp(token: Secret): Promise<Held> {
    const reply = await this.#client.send({ method: "GET", path: "auth/token/lookup-self" }, token);
    const facts = TokenFacts.safeParse(reply.json);
    if (reply.status !== 200 || !facts.success) return { token, leaseMs: 0, endsAt: null, renewable: false };
    const { ttl, renewable } = facts.data.data;
    return this.#lasting(token, ttl, renewable);
  }

  async #prolong(held: Held): Promise<Held> {
    const renewed = await this.#renew(held);
    // One that can hardly be prolonged any more has reached the longest life that Vault grants it.
    if (renewed && !this.#isDue({ ...renewed, leaseMs: held.leaseMs })) return renewed;
    if (this.#auth.method === "token") return renewed ?? this.#asItIs(held);
    return this.#begin().catch((error: unknown) => {
      if (held.endsAt !== null && held.endsAt <= this.#clock.now()) throw error;
      return this.#asItIs(held);
    });
  }

  /** It is good until its end. The next try to prolong it comes when a third of what is left is over. */
  #asItIs(held: Held): Held {
    return held.endsAt === null ? held : { ...held, leaseMs: Math.max(held.endsAt - this.#clock.now(), 0) };
  }

  /** null: it cannot be renewed, or Vault does not say. */
  async #renew({ token, renewable }: Held): Promise<Held | null> {
    if (!renewable) return null;
    const call = { method: "POST", path: "auth/token/renew-self", body: "{}" } as const;
    const reply = await this.#client.once(call, token);
    const given = TokenGiven.safeParse(reply?.json);
    return reply?.status === 200 && given.success ? this.#given(given.data) : null;
  }

  #given({ auth }: { auth: { client_token: string; lease_duration: number; renewable: boolean } }): Held {
    return this.#lasting(new Secret(auth.client_token), auth.lease_duration, auth.renewable);
  }

  #lasting(token: Secret, seconds: number, renewable: boolean): Held {
    const leaseMs = seconds * 1000;
    return { token, leaseMs, endsAt: leaseMs === 0 ? null : this.#clock.now() + leaseMs, renewable };
  }
}
