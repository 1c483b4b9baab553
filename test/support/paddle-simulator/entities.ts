/** What Paddle's API and webhooks say about keys, field by field as they are on the wire. */

export type KeyStatus = "active" | "expired" | "revoked";

export type ApiKeyEntity = {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** Obfuscated: `pdl_live_apikey_01kaa1b2c3****`. */
  readonly key: string;
  readonly status: KeyStatus;
  /** null: a legacy key. */
  readonly permissions: readonly string[] | null;
  readonly exposed_at: string | null;
  readonly expires_at: string | null;
  readonly rotatable: boolean;
  readonly last_used_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type RotationStatus = "pending" | "completed" | "canceled";

/** What is optional here is a switch of the simulator, because Paddle's documentation does not say. */
export type RotationEntity = {
  readonly id: string;
  readonly api_key_id: string;
  /** Never in a webhook. */
  readonly new_key?: string;
  readonly grace_period_seconds: number;
  readonly status: RotationStatus;
  /** When the old secret dies; null or absent while pending. */
  readonly expires_at?: string | null;
  readonly new_key_expires_at?: string | null;
  readonly created_at?: string;
  readonly updated_at?: string;
};

export type EventTypeEntity = {
  readonly name: string;
  readonly description: string;
  readonly group: string;
  readonly available_versions: readonly number[];
};

/** What people call a destination. */
export type NotificationSettingEntity = {
  readonly id: string;
  readonly description: string;
  readonly type: "url" | "email";
  /** The address. */
  readonly destination: string;
  readonly active: boolean;
  readonly api_version: number;
  readonly include_sensitive_fields: boolean;
  readonly traffic_source: "platform" | "simulation" | "all";
  readonly subscribed_events: readonly EventTypeEntity[];
  /** Whoever reads it can forge webhooks. */
  readonly endpoint_secret_key: string;
};

export type RiskLevel = "high" | "low";

export type ExposureEntity = {
  readonly id: string;
  readonly api_key_id: string;
  readonly risk_level: RiskLevel;
  readonly action_taken: "revoked" | "none";
  readonly source: "github";
  readonly reference: string;
  readonly description: string | null;
  readonly created_at: string;
};
