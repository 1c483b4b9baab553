/** What the service is told: one frozen value, in our words and units. Whoever holds it needs no environment. */
import { resolve } from "node:path";
import type { Secret } from "../core/secret.ts";
import type { ProxyConfig } from "./admin.ts";
import type { ChannelConfig } from "./alerts.ts";
import type { Environment } from "./environment.ts";
import type { KeyConfig } from "./keys.ts";
import type { TlsFiles } from "./listeners.ts";
import type { ReconcileConfig } from "./reconcile.ts";
import type { RetentionConfig } from "./retention.ts";
import type { RotatorFile } from "./rotator-file.ts";
import type { WebhooksConfig } from "./webhooks.ts";

export type QueueConfig =
  | {
      readonly kind: "redis";
      readonly url: Secret;
      readonly prefix: string;
      /** True: use a Redis that may evict keys, against our advice. */
      readonly allowEviction: boolean;
    }
  | { readonly kind: "postgres"; readonly url: Secret; readonly schema: string }
  /** `dataDir`: absolute. */
  | { readonly kind: "embedded"; readonly dataDir: string; readonly schema: string };

export type CredentialsConfig = {
  /** null: no Basic sign-in. */
  readonly user: { readonly name: string; readonly password: Secret } | null;
  /** null: no Bearer sign-in. */
  readonly token: Secret | null;
};

export type Config = {
  /** At least one. */
  readonly keys: readonly KeyConfig[];
  /** Port 0: any free port. `tls`: null: plain HTTP. */
  readonly publicListener: { readonly host: string; readonly port: number; readonly tls: TlsFiles | null };
  readonly adminListener: {
    readonly host: string;
    readonly port: number;
    /** null: plain HTTP. */
    readonly tls: TlsFiles | null;
    /** Where people reach it, without a slash at its end; null: not said. */
    readonly url: string | null;
    /** What viewers sign in with, who may look and not act. */
    readonly viewer: CredentialsConfig;
    /** Whose word is taken for who somebody is; null: nobody's. */
    readonly proxy: ProxyConfig | null;
  } & CredentialsConfig;
  readonly queue: QueueConfig;
  readonly paddle: {
    /** null: Paddle's own, by the key's environment. */
    readonly apiUrl: Readonly<URL> | null;
    readonly requestsPerMinute: number;
  };
  readonly webhook: {
    /** Empty only for a worker. */
    readonly secrets: readonly Secret[];
    readonly toleranceMs: number;
  } & WebhooksConfig;
  readonly reconcile: ReconcileConfig;
  readonly retention: RetentionConfig;
  /** The channels that people hear through, besides the log. */
  readonly alerts: readonly ChannelConfig[];
  readonly role: Environment["ROLE"];
  readonly logLevel: Environment["LOG_LEVEL"];
  /** `auto`: for people on a terminal, else JSON. */
  readonly logFormat: Environment["LOG_FORMAT"];
};

/** @param cwd relative paths in the environment start here */
export function assembleConfig(
  environment: Environment,
  { keys, reconcile, retention, alerts, admin, listeners, webhooks }: RotatorFile,
  cwd: string,
): Config {
  return freezeDeeply({
    keys,
    publicListener: { host: environment.HOST, port: environment.PORT, tls: listeners.publicTls },
    adminListener: {
      host: environment.ADMIN_HOST,
      port: environment.ADMIN_PORT,
      tls: listeners.adminTls,
      url: environment.ADMIN_URL ?? null,
      ...credentials(environment.ADMIN_USER, environment.ADMIN_PASSWORD, environment.ADMIN_TOKEN),
      viewer: credentials(
        environment.ADMIN_VIEWER_USER,
        environment.ADMIN_VIEWER_PASSWORD,
        environment.ADMIN_VIEWER_TOKEN,
      ),
      proxy: admin.proxy,
    },
    queue: queueOf(environment, cwd),
    paddle: {
      apiUrl: environment.PADDLE_API_URL ?? null,
      requestsPerMinute: environment.PADDLE_REQUESTS_PER_MINUTE,
    },
    webhook: {
      secrets: environment.PADDLE_WEBHOOK_SECRETS ?? [],
      toleranceMs: environment.WEBHOOK_TOLERANCE,
      ...webhooks,
    },
    reconcile,
    retention,
    alerts,
    role: environment.ROLE,
    logLevel: environment.LOG_LEVEL,
    logFormat: environment.LOG_FORMAT,
  });
}

function credentials(
  name: string | undefined,
  password: Secret | undefined,
  token: Secret | undefined,
): CredentialsConfig {
  return { user: name !== undefined && password ? { name, password } : null, token: token ?? null };
}

function queueOf(environment: Environment, cwd: string): QueueConfig {
  const { QUEUE_URL: server, QUEUE_PREFIX: prefix } = environment;
  if (!server) return { kind: "embedded", dataDir: resolve(cwd, environment.DATA_DIR), schema: prefix };
  if (server.kind === "postgres") return { kind: "postgres", url: server.url, schema: prefix };
  return { kind: "redis", url: server.url, prefix, allowEviction: environment.QUEUE_ALLOW_EVICTION };
}

function freezeDeeply<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) freezeDeeply(part);
  return Object.freeze(value);
}
