/** The events about keys: those that the rotator's destination must be subscribed to, and those that are caught up with. */
export const KEY_EVENT_TYPES: readonly string[] = [
  "api_key.created",
  "api_key.updated",
  "api_key.expiring",
  "api_key.expired",
  "api_key.revoked",
  "api_key_exposure.created",
  "api_key_rotation.created",
  "api_key_rotation.updated",
];
