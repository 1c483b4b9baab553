/** Asks as whoever this process signs in as, and finds out exactly what is missing where Vault refuses. */
import type { StoreError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { Capabilities, type Reply } from "./answers.ts";
import type { Call } from "./call.ts";
import type { VaultClient } from "./client.ts";
import { deadToken, missingPermissions, strictPolicy, unknownCapabilities } from "./faults.ts";
import type { Session } from "./session.ts";
import type { Words } from "./words.ts";

/** What this store needs on the path of its secret. Vault says `create` only of a secret that does not exist. */
const NEEDED = ["read", "update"] as const;
type Needed = (typeof NEEDED)[number];

export class Access {
  readonly #words: Words;
  readonly #client: VaultClient;
  readonly #session: Session;

  constructor(parts: { words: Words; client: VaultClient; session: Session }) {
    this.#words = parts.words;
    this.#client = parts.client;
    this.#session = parts.session;
  }

  /**
   * Vault answers 403 to a token that has ended as to one without the permission: a new token is tried before the
   * verdict.
   *
   * @param wanted what the policy must allow for this call
   * @throws StoreError
   */
  async ask(call: Call, wanted: Needed): Promise<Reply> {
    const token = await this.#session.token();
    const reply = await this.#client.send(call, token);
    if (reply.status !== 403) return reply;
    const another = await this.#session.another(token);
    const second = another && (await this.#client.send(call, another));
    if (second && second.status !== 403) return second;
    throw await this.#verdict(another ?? token, wanted);
  }

  /** Asks once, for something that nothing depends on; null: no answer. */
  async tryOnce(call: Call): Promise<Reply | null> {
    return this.#client.once(call, await this.#session.token());
  }

  /** @throws StoreError that names what the token may not do, or that this cannot be said */
  async checkPermissions(): Promise<void> {
    const { missing } = await this.#capabilities(await this.#session.token());
    if (missing === null) throw unknownCapabilities(this.#words);
    if (missing.length > 0) throw missingPermissions(this.#words, missing);
  }

  async #verdict(token: Secret, wanted: Needed): Promise<StoreError> {
    const what = `${wanted} on ${this.#words.dataPath}`;
    const { missing } = await this.#capabilities(token);
    if (missing === null) return deadToken(this.#words, what);
    return missing.length > 0 ? missingPermissions(this.#words, missing) : strictPolicy(this.#words, what);
  }

  /** What is missing, as `update on secret/data/billing`; null: the token may not ask. */
  async #capabilities(token: Secret): Promise<{ missing: readonly string[] | null }> {
    const { dataPath } = this.#words;
    const body = JSON.stringify({ paths: [dataPath] });
    const reply = await this.#client.send({ method: "POST", path: "sys/capabilities-self", body }, token);
    if (reply.status !== 200) return { missing: null };
    const has = this.#client.read(reply, Capabilities).data[dataPath] ?? [];
    const missing = has.includes("root") ? [] : NEEDED.filter((needed) => !has.includes(needed));
    return { missing: missing.map((needed) => `${needed} on ${dataPath}`) };
  }
}
