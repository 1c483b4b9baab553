/** Tokens, and the auth methods that give them out, as Vault has them (Vault: API, token, AppRole and Kubernetes). */
import { randomUUID } from "node:crypto";

/** Capabilities by exact path: what the one policy of this Vault allows, beside what `default` does. */
export type Policy = Map<string, Set<string>>;

type Token = { endsAt: number | null; readonly lastsUntil: number | null; readonly renewable: boolean };
export type TokenTerms = {
  /** In seconds; 0: it does not end. */
  readonly ttl: number;
  /** Beyond which nothing is renewed; 0: no such limit. */
  readonly maxTtl: number;
  readonly renewable: boolean;
};

const DEFAULT_POLICY: readonly (readonly [path: string, capability: string])[] = [
  ["auth/token/lookup-self", "read"],
  ["auth/token/renew-self", "update"],
  ["sys/capabilities-self", "update"],
];

export class TokenStore {
  readonly policy: Policy = new Map();
  /** What tokens that are given out from now on are like. */
  terms: TokenTerms = { ttl: 3600, maxTtl: 0, renewable: true };
  readonly roleId = randomUUID();
  /** null: the role asks for none. */
  secretId: string | null = randomUUID();
  /** Of the pod. */
  jwt = `jwt-${randomUUID()}`;
  readonly kubernetesRole = "paddle-key-rotator";
  readonly #now: () => number;
  readonly #tokens = new Map<string, Token>();

  constructor(now: () => number) {
    this.#now = now;
    for (const [path, capability] of DEFAULT_POLICY) this.policy.set(path, new Set([capability]));
  }

  give(terms = this.terms): string {
    const id = `hvs.canary${randomUUID()}`;
    const { ttl, maxTtl, renewable } = terms;
    const at = (seconds: number) => (seconds === 0 ? null : this.#now() + seconds * 1000);
    this.#tokens.set(id, { endsAt: at(ttl), lastsUntil: at(maxTtl), renewable });
    return id;
  }

  revokeAll(): void {
    this.#tokens.clear();
  }

  /** How many are good now. */
  get count(): number {
    return [...this.#tokens.keys()].filter((id) => this.isGood(id)).length;
  }

  isGood(id: string | undefined): boolean {
    const token = id === undefined ? undefined : this.#tokens.get(id);
    return token !== undefined && (token.endsAt === null || token.endsAt > this.#now());
  }

  allows(path: string, capability: string): boolean {
    return this.policy.get(path)?.has(capability) ?? false;
  }

  capabilities(path: string): string[] {
    const found = [...(this.policy.get(path) ?? [])].toSorted();
    return found.length === 0 ? ["deny"] : found;
  }

  /** null: not renewed. */
  renew(id: string): Record<string, unknown> | null {
    const token = this.#tokens.get(id);
    if (!token?.renewable) return null;
    const wished = this.#now() + this.terms.ttl * 1000;
    token.endsAt = Math.min(wished, token.lastsUntil ?? wished);
    return this.#auth(id, token);
  }

  lookUp(id: string): Record<string, unknown> {
    const token = this.#tokens.get(id);
    if (!token) throw new Error("only a good token looks itself up");
    return {
      id,
      ttl: this.#secondsLeft(token),
      renewable: token.renewable,
      policies: ["default", "rotator"],
    };
  }

  /** null: the role or the secret is wrong. */
  loginByAppRole({
    role_id: roleId,
    secret_id: secretId,
  }: Record<string, unknown>): Record<string, unknown> | null {
    const isKnown = roleId === this.roleId && (this.secretId === null || secretId === this.secretId);
    return isKnown ? this.#login() : null;
  }

  /** null: the service account's token is not accepted. */
  loginByKubernetes({ jwt }: Record<string, unknown>): Record<string, unknown> | null {
    return jwt === this.jwt ? this.#login() : null;
  }

  #login(): Record<string, unknown> {
    const id = this.give();
    const token = this.#tokens.get(id);
    return token ? this.#auth(id, token) : {};
  }

  #auth(id: string, token: Token): Record<string, unknown> {
    const { renewable } = token;
    return { client_token: id, lease_duration: this.#secondsLeft(token), renewable, token_type: "service" };
  }

  #secondsLeft({ endsAt }: Token): number {
    return endsAt === null ? 0 : Math.max(Math.round((endsAt - this.#now()) / 1000), 0);
  }
}
