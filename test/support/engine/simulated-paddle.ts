/** The engine's Paddle port played by the simulator's account in memory: the same state machine, no HTTP. */
import { PaddleError } from "../../../src/core/errors.ts";
import type { ApiKey, KeyRotation } from "../../../src/core/paddle-key.ts";
import type { PaddleApi } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Account, Key, Rotation } from "../paddle-simulator/account/account.ts";
import { authenticate } from "../paddle-simulator/account/authenticate.ts";
import { startRotation } from "../paddle-simulator/account/rotate.ts";
import { keptEvents, renderEvent } from "../paddle-simulator/api/account-wide.ts";
import { hasPermission } from "../paddle-simulator/api/authorization.ts";

/** As many events as Paddle gives in one page. */
const EVENTS_PER_PAGE = 200;

export function simulatedPaddle(account: Account): PaddleApi {
  const callerOf = (keyId: string, secret: Secret): Key => {
    const key = authenticate(account, secret.reveal());
    if (!key) throw refusal(403, "invalid_token");
    if (key.id !== keyId) throw refusal(403, "forbidden");
    return key;
  };
  const requirePermission = (secret: Secret, permission: string, of?: string): void => {
    const key = authenticate(account, secret.reveal());
    if (!key) throw refusal(403, "invalid_token");
    if (key.id !== of && !hasPermission(key, permission)) throw refusal(403, "forbidden");
  };
  return {
    async ask(keyId, secret) {
      if (!authenticate(account, secret.reveal())) return { accepted: false };
      // Whoever may read keys is answered about any of them: an answer says nothing of whose secret it is.
      requirePermission(secret, "api_key.read", keyId);
      const asked = account.keys.get(keyId);
      if (!asked) throw refusal(404, "not_found");
      return { accepted: true, key: viewOf(asked) };
    },
    async createRotation(keyId, secret, terms) {
      const key = callerOf(keyId, secret);
      if (!key.rotatable) throw refusal(400, "api_key_cannot_be_rotated");
      if (terms.newKeyExpiresAt !== undefined && account.switches.newExpiry === "refuse") {
        throw refusal(400, "bad_request", ["new_key_expires_at"]);
      }
      const { graceSeconds, newKeyExpiresAt } = terms;
      const rotation = startRotation(account, key, { graceSeconds, newKeyExpiresAt });
      return { rotation: rotationOf(account, rotation), newSecret: new Secret(rotation.newSecret) };
    },
    async getRotation(keyId, rotationId, secret) {
      const rotation = callerOf(keyId, secret).rotations.find(({ id }) => id === rotationId);
      if (!rotation) throw refusal(404, "not_found");
      return rotationOf(account, rotation);
    },
    async listRotations(keyId, secret) {
      return callerOf(keyId, secret).rotations.map((rotation) => rotationOf(account, rotation));
    },
    async readKey(keyId, reader) {
      // A key may always get itself.
      requirePermission(reader, "api_key.read", keyId);
      const key = account.keys.get(keyId);
      if (!key) throw refusal(404, "not_found");
      return viewOf(key);
    },
    async listKeys(secret) {
      requirePermission(secret, "api_key.read");
      const listed = [...account.keys.values()];
      return listed.filter(({ status }) => account.switches.listDeadKeys || status === "active").map(viewOf);
    },
    async listEvents(secret, { after, types }) {
      requirePermission(secret, "notification.read");
      const listed = keptEvents(account).filter(
        ({ id, type }) => (after === null || id > after) && (types.length === 0 || types.includes(type)),
      );
      const page = listed.slice(0, EVENTS_PER_PAGE);
      return page.map((event) => ({ id: event.id, body: renderEvent(account, event) }));
    },
    async listDestinations(secret) {
      requirePermission(secret, "notification_setting.read");
      return account.destinations.map(({ id, url, active, events }) => ({
        id,
        url,
        active,
        subscribedEvents: events,
      }));
    },
    probe: async () => {},
  };
}

function refusal(status: number, code: string, fields: string[] = []): PaddleError {
  return new PaddleError(code, { code, status, fields, effect: "none", retry: "never" });
}

function viewOf(key: Key): ApiKey {
  const { id, name, status, rotatable, expiresAt, exposedAt, permissions, lastUsedAt } = key;
  return { id, name, status, rotatable, expiresAt, exposedAt, permissions, lastUsedAt };
}

function rotationOf({ switches }: Account, rotation: Rotation): KeyRotation {
  const { id, keyId, status, graceSeconds, expiresAt } = rotation;
  return {
    id,
    keyId,
    status,
    graceSeconds,
    expiresAt,
    createdAt: switches.rotationTimes ? rotation.createdAt : null,
  };
}
