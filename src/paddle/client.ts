/** Paddle's API about keys, as the core sees it. What each failure means is said in failure.ts. */
import { z } from "zod";
import { PaddleError } from "../core/errors.ts";
import { identify } from "../core/paddle-key.ts";
import type { PaddleApi, RotationTerms } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { Addresses } from "./address.ts";
import { type Call, nameOf } from "./call.ts";
import { ApiKeyEntity, IssuedRotationEntity, RotationEntity } from "./entities.ts";
import { incomplete, isDeadCredential, notSent, refusal } from "./failure.ts";
import { pageOf, readPages } from "./pages.ts";
import { readContent } from "./reply.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export type PaddleClientOptions = TransportOptions & {
  /** Takes the place of Paddle's own addresses: https, or http on loopback. null: the secret says which. */
  readonly apiUrl: URL | null;
};

type AuthenticatedCall = Call & { readonly secret: Secret };

const dataOf = <T>(entity: z.ZodType<T>) => z.object({ data: entity }).transform(({ data }) => data);

/**
 * One client serves the whole process: it is what keeps the process within its share of Paddle's rate limit.
 *
 * @throws ConfigError if keys must not be sent to `apiUrl`
 */
export function createPaddleClient(
  options: PaddleClientOptions,
): PaddleApi & { /** Lets calls on their way end; those that wait fail. */ close(): Promise<void> } {
  const addresses = new Addresses(options.apiUrl);
  const transport = new Transport(options);

  async function read<T>(call: Call, root: URL, schema: z.ZodType<T>): Promise<T> {
    const reply = await transport.send(call, root);
    if (reply.status < 200 || reply.status > 299) throw refusal(call, reply);
    const answer = readContent(reply, schema);
    if ("faults" in answer) throw incomplete(call, reply, answer.faults);
    return answer.content;
  }

  async function readAs<T>(call: AuthenticatedCall, schema: z.ZodType<T>): Promise<T> {
    return read(call, addresses.for(call), schema);
  }

  async function readAll<Item extends { id: string }>(
    path: string,
    secret: Secret,
    item: z.ZodType<Item>,
  ): Promise<readonly Item[]> {
    const list = (query: string): AuthenticatedCall => ({
      method: "GET",
      path: `${path}${query}`,
      secret,
      // Spares Paddle the counting of all items (Paddle: API reference, List API key rotations).
      headers: { "skip-count": "true" },
      mayChange: "nothing",
    });
    const items = await readPages((query) => readAs(list(query), pageOf(item)));
    if (items) return items;
    throw new PaddleError(`${nameOf(list(""))}: the list does not end; Paddle ignores where we are in it`, {
      code: "endless_list",
      status: null,
      effect: "none",
      retry: "later",
    });
  }

  return {
    async ask(keyId, secret) {
      const call = { method: "GET", path: keyPath(keyId), secret, mayChange: "activation" } as const;
      try {
        return { accepted: true, key: await readAs(call, dataOf(ApiKeyEntity)) };
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
      const issued = await readAs({ ...call, body: toBody(terms) }, dataOf(IssuedRotationEntity));
      const named = identify(issued.newSecret);
      // That the new secret names the same key is not documented, so another id is no reason to drop the secret:
      // it is what Paddle issued for this key, and using it will show whether it works.
      if (named && named.keyId !== keyId)
        options.log.warn(
          { keyId, namedKeyId: named.keyId, rotationId: issued.rotation.id },
          "the new secret that Paddle issued names another key in its text",
        );
      return issued;
    },

    getRotation(keyId, rotationId, secret) {
      const path = `${keyPath(keyId)}/rotations/${encodeURIComponent(rotationId)}`;
      return readAs({ method: "GET", path, secret, mayChange: "nothing" }, dataOf(RotationEntity));
    },

    listRotations: (keyId, secret) => readAll(`${keyPath(keyId)}/rotations`, secret, RotationEntity),

    listKeys: (secret) => readAll("/api-keys", secret, ApiKeyEntity),

    async probe(environment) {
      const call = { method: "GET", path: "/", secret: null, mayChange: "nothing" } as const;
      try {
        await read(call, addresses.of(environment), dataOf(z.object({})));
        return true;
      } catch (error) {
        if (error instanceof PaddleError) return false;
        throw error;
      }
    },

    close: () => transport.close(),
  };
}

function keyPath(keyId: string): string {
  return `/api-keys/${encodeURIComponent(keyId)}`;
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
