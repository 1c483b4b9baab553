/** The events about keys: those that a destination must be subscribed to, that are caught up with, and that are read. */

export const KEY_EVENTS = [
  "api_key.created",
  "api_key.updated",
  "api_key.expiring",
  "api_key.expired",
  "api_key.revoked",
] as const;
export const EXPOSURE_EVENTS = ["api_key_exposure.created"] as const;
export const ROTATION_EVENTS = ["api_key_rotation.created", "api_key_rotation.updated"] as const;

export const KEY_EVENT_TYPES: readonly string[] = [...KEY_EVENTS, ...EXPOSURE_EVENTS, ...ROTATION_EVENTS];
