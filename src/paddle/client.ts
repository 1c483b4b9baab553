/** Paddle's API about keys, as the core sees it. What each failure means is said in failure.ts. */
import type { Logger } from "pino";
import { z } from "zod";
import { identify } from "../core/paddle-key.ts";
import type { PaddleApi, PaddleDestinations, PaddleObserver, RotationTerms } from "../core/ports.ts";
import { accountReads } from "./account-reads.ts";
import { Addresses } from "./address.ts";
import { destinationWrites } from "./destinations.ts";
import { observer } from "./observer.ts";
import type { Urgency } from "./budget.ts";
import type { Call } from "./call.ts";
import { ApiKeyEntity, IssuedRotationEntity, RotationEntity } from "./entities.ts";
import { isDeadCredential, notSent } from "./failure.ts";
import { keyPath } from "./key-path.ts";
import { dataOf, Reader } from "./reader.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export type PaddleClientOptions = TransportOptions & {
  /** Takes the place of Paddle's own addresses: https, or http on loopback. null: the secret says which. */
  readonly apiUrl: URL | null;
};

export type PaddleClient = PaddleApi &
  PaddleDestinations &
  PaddleObserver & {
    /**
     * The same for emergencies: these calls go before all others, over connections of their own, and may use the
     * part of our share of Paddle's rate limit that is kept for them.
     */
    readonly urgent: PaddleApi;
    /** Lets calls on their way end; those that wait fail. */
    close(): Promise<void>;
  };

/**
 * One client serves the whole process: it is what keeps the process within its share of Paddle's rate limit.
 *
 * @throws ConfigError if keys must not be sent to `apiUrl`
 */
export function createPaddleClient(options: PaddleClientOptions): PaddleClient {
  const { log } = options;
  const addresses = new Addresses(options.apiUrl);
  const transport = new Transport(options);
  const parts = (urgency: Urgency): Parts => {
    return { reader: new Reader({ addresses, transport, urgency }), addresses, log };
  };
  return {
    ...createApi(parts("ordinary")),
    ...destinationWrites(parts("ordinary").reader),
    ...observer(parts("ordinary")),
    urgent: createApi(parts("urgent")),
    close: () => transport.close(),
  };
}

type Parts = { readonly reader: Reader; readonly addresses: Addresses; readonly log: Logger };

function createApi({ reader, addresses, log }: Parts): PaddleApi {
  return {
    async ask(keyId, secret) {
      const call = { method: "GET", path: keyPath(keyId), secret, mayChange: "activation" } as const;
      try {
        return { accepted: true, key: await reader.read(call, dataOf(ApiKeyEntity)) };
      } catch (error) {
        if (isDeadCredential(error)) return { accepted: false };
        throw error;
      }
    },

    async createRotation(keyId, secret, terms) {
      const call = {
        method: "POST",
        path: `${keyPath(keyId)}/rotations`,
        secret,
        mayChange: "rotation",
      } as const;
      refuseInvalid(terms, call);
      const issued = await reader.read({ ...call, body: toBody(terms) }, dataOf(IssuedRotationEntity));
      const named = identify(issued.newSecret);
      // That the new secret names the same key is not documented, so another id is no reason to drop the secret:
      // it is what Paddle issued for this key, and using it will show whether it works.
      if (named && named.keyId !== keyId)
        log.warn(
          { keyId, namedKeyId: named.keyId, rotationId: issued.rotation.id },
          "the new secret that Paddle issued names another key in its text",
        );
      return issued;
    },

    getRotation(keyId, rotationId, secret) {
      const path = `${keyPath(keyId)}/rotations/${encodeURIComponent(rotationId)}`;
      return reader.read({ method: "GET", path, secret, mayChange: "nothing" }, dataOf(RotationEntity));
    },

    listRotations: (keyId, secret) => reader.readAll(`${keyPath(keyId)}/rotations`, secret, RotationEntity),

    ...accountReads(reader),

    async probe(environment) {
      const call = { method: "GET", path: "/", secret: null, mayChange: "nothing" } as const;
      await reader.readAt(addresses.of(environment), call, dataOf(z.object({})));
    },
  };
}

/** A fault here is ours, and Paddle would answer it after counting the request. */
function refuseInvalid({ graceSeconds, newKeyExpiresAt }: RotationTerms, call: Call): void {
  // Paddle: API key rotations, Create an API key rotation: an integer from 0 to 86,400.
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > 86_400)
    throw notSent(call, "invalid_terms", `the grace must be 0 to 86400 s, not ${graceSeconds}`, "never");
  if (newKeyExpiresAt !== undefined && Number.isNaN(new Date(newKeyExpiresAt).getTime()))
    throw notSent(call, "invalid_terms", `${newKeyExpiresAt} is no time for the key to expire at`, "never");
}

function toBody({ graceSeconds, newKeyExpiresAt }: RotationTerms): Record<string, string | number> {
  return {
    grace_period_seconds: graceSeconds,
    ...(newKeyExpiresAt !== undefined && { new_key_expires_at: new Date(newKeyExpiresAt).toISOString() }),
  };
}
