/** A source of access tokens in the place of Microsoft Entra ID: it counts them, and takes them back. */
import { randomUUID } from "node:crypto";
import type { AccessToken, TokenCredential } from "@azure/identity";

const HOUR_MS = 3_600_000;

export class FakeTokens {
  /** How many were given out. */
  issued = 0;
  /** How often one was asked for. */
  asked = 0;
  /** How long the next ones live. */
  livesMs = HOUR_MS;
  /** Thrown at everybody who asks, while set. */
  refusal: Error | null = null;
  /** Leaves everybody who asks without an answer, while true. */
  silent = false;
  readonly #accepted = new Set<string>();
  readonly #scopes = new Set<string>();

  /** What tokens were asked for. */
  get scopes(): readonly string[] {
    return [...this.#scopes];
  }

  accepts(token: string): boolean {
    return this.#accepted.has(token);
  }

  /** Every token given out so far is worthless from now on. */
  revokeAll(): void {
    this.#accepted.clear();
  }

  /** A credential of one process: as those of Azure's library do, it gives the same token until that has expired. */
  credential(): TokenCredential {
    let held: AccessToken | null = null;
    return {
      getToken: async (scopes) => {
        this.asked += 1;
        this.#scopes.add(String(scopes));
        if (this.silent) return new Promise(() => {});
        if (this.refusal) throw this.refusal;
        if (held && held.expiresOnTimestamp > Date.now()) return held;
        const token = `token-${randomUUID()}`;
        this.issued += 1;
        this.#accepted.add(token);
        held = { token, expiresOnTimestamp: Date.now() + this.livesMs };
        return held;
      },
    };
  }
}
