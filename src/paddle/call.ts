/** One request to Paddle's API, before it is sent. */
import type { Json } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { hideSecrets } from "./hide-secrets.ts";

export type Call = {
  readonly method: "GET" | "POST" | "PATCH";
  /** Below the API's root, with its query. */
  readonly path: string;
  /** null: no credentials are sent. */
  readonly secret: Secret | null;
  /** Beside those that every call has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, Json>>;
  /**
   * What may change at Paddle once the request has arrived. `activation`: it authenticates with a secret that
   * may be pending, and the first use of that one completes its rotation.
   */
  readonly mayChange: "nothing" | "activation" | "rotation" | "destination";
};

/** The call as logs and errors name it. */
export function nameOf(call: Call): string {
  return `${call.method} ${publicPath(call)}`;
}

/** The path with anything hidden that looks like a secret, in case one was passed in the place of an id. */
export function publicPath(call: Call): string {
  return hideSecrets(call.path, call.secret);
}
