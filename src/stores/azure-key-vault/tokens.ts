/**
 * The credential that a key vault's client is given. It stands between the client, which asks again before a token
 * expires and lets nobody catch what goes wrong meanwhile, and the source of tokens, which may fail or say nothing:
 * as long as a token is good, asking for the next one never fails.
 */
import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/identity";
import { z } from "zod";
import type { Clock } from "../../core/ports.ts";
import { Overdue, within } from "./within.ts";

/** No token could be had. Says so in codes alone: descriptions may quote what was sent. */
export class NoToken extends Error {
  override readonly name = "NoToken";
  readonly code: string;
  /** The same question will be answered the same way. */
  readonly final: boolean;

  constructor(code: string, final: boolean) {
    super(code);
    this.code = code;
    this.final = final;
  }
}

export class SteadyCredential implements TokenCredential {
  readonly #source: () => TokenCredential;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  #opened: TokenCredential | null = null;
  #held: AccessToken | null = null;
  #waiting = 0;

  /** @param source called once, at the first need */
  constructor(source: () => TokenCredential, clock: Clock, deadlineMs: number) {
    this.#source = source;
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const held = this.#held;
    const stillGood = held !== null && this.#clock.now() < held.expiresOnTimestamp ? held : null;
    if (!stillGood) this.#waiting += 1;
    try {
      const token = await within(this.#deadlineMs, () => this.#ask(scopes, options));
      if (!token) throw new NoToken("none", false);
      this.#held = token;
      return token;
    } catch (error) {
      if (error instanceof Overdue && !stillGood) throw new NoToken(error.code, false);
      // A claims challenge says that the held token is good no more.
      if (stillGood && options.claims === undefined) return stillGood;
      throw error instanceof NoToken ? error : noToken(error);
    } finally {
      if (!stillGood) this.#waiting -= 1;
    }
  }

  /** Whether nothing can be sent before the source answers. */
  get keepsWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** What is asked for outlives the request that needs it: the next one finds it. */
  async #ask(scopes: string | string[], { tenantId, claims, enableCae }: GetTokenOptions) {
    this.#opened ??= this.#source();
    return this.#opened.getToken(scopes, {
      ...(tenantId !== undefined && { tenantId }),
      ...(claims !== undefined && { claims }),
      ...(enableCae !== undefined && { enableCae }),
    });
  }
}

const IdentityError = z.object({
  name: z.string(),
  message: z.string(),
  errors: z.array(z.unknown()).catch([]),
});

/** What Microsoft Entra ID says when it is out of order itself; its other codes stay until a person acts. */
const PASSING = new Set(["AADSTS90006", "AADSTS90012", "AADSTS90024", "AADSTS90033"]);

function noToken(error: unknown): NoToken {
  const found = flatten(error);
  const texts = found.map(({ message }) => message);
  const code = firstMatch(texts, /\b(AADSTS\d{3,9})\b/);
  if (code !== null) return new NoToken(code, !PASSING.has(code));
  const word = firstMatch(texts, /^([a-z]{2,20}(?:_[a-z]{2,20})+):/);
  return new NoToken(word ?? found[0]?.name ?? "Error", false);
}

/** The error and those it gathers: a chain of credentials has one for each link. */
function flatten(error: unknown): z.output<typeof IdentityError>[] {
  const { success, data } = IdentityError.safeParse(error);
  return success ? [data, ...data.errors.flatMap(flatten)] : [];
}

function firstMatch(texts: readonly string[], pattern: RegExp): string | null {
  return texts.flatMap((text) => pattern.exec(text)?.[1] ?? [])[0] ?? null;
}
