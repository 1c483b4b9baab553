/** Where calls go. A key is sent to Paddle, or to the one address that the operator named, and nowhere else. */
import { ConfigError } from "../core/errors.ts";
import { type Environment, identify } from "../core/paddle-key.ts";
import type { Secret } from "../core/secret.ts";
import type { Call } from "./call.ts";
import { notSent } from "./failure.ts";

// A key is good for one environment only (Paddle: API reference, About, Base URLs).
const PADDLE: Readonly<Record<Environment, URL>> = {
  live: new URL("https://api.paddle.com"),
  sandbox: new URL("https://sandbox-api.paddle.com"),
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What a header can carry: printable ASCII without spaces. */
const SENDABLE = /^[\x21-\x7e]+$/;

export class Addresses {
  readonly #override: URL | null;

  /**
   * @param override the API's address in the place of Paddle's own; null: Paddle's own
   * @throws ConfigError if keys must not be sent to the override
   */
  constructor(override: URL | null) {
    if (override) refuseUnsafe(override);
    this.#override = override;
  }

  /** The API's root for an environment. */
  of(environment: Environment): URL {
    return this.#override ?? PADDLE[environment];
  }

  /**
   * The API's root for a call.
   *
   * @throws PaddleError if its secret cannot be sent, or does not say where to
   */
  for(call: Call & { readonly secret: Secret }): URL {
    if (!SENDABLE.test(call.secret.reveal()))
      throw notSent(
        call,
        "unusable_secret",
        `the secret ${call.secret.fingerprint()} is empty or has characters that no key has (spaces, line breaks): look at it in its store`,
        "never",
      );
    if (this.#override) return this.#override;
    const identity = identify(call.secret);
    if (identity) return PADDLE[identity.environment];
    throw notSent(
      call,
      "unknown_environment",
      `the secret ${call.secret.fingerprint()} is not in the format pdl_live_apikey_… or pdl_sdbx_apikey_…, so it does not say where it is valid: set PADDLE_API_URL to ${PADDLE.live.origin} or ${PADDLE.sandbox.origin}`,
      "never",
    );
  }
}

function refuseUnsafe(url: URL): void {
  const onLoopback = url.protocol === "http:" && LOOPBACK.test(url.hostname);
  if (url.protocol !== "https:" && !onLoopback)
    throw new ConfigError(
      `the address of Paddle's API must be https (http on loopback only), because keys are sent to it; it is ${url.protocol}//${url.host}`,
    );
  if (url.username || url.password || url.search || url.hash)
    throw new ConfigError("the address of Paddle's API must have no user, password, query or fragment");
}
