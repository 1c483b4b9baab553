/** Keeps the slots in two secrets of Google Secret Manager: the applications', and the rotator's own beside it. */
import type { Clock, Leases, SecretStore } from "../../core/ports.ts";
import { TwoSecretsStore } from "../two-secrets.ts";
import { SecretManager } from "./client.ts";
import { creationOf, guideTo, type Names, resourceOf } from "./permissions.ts";
import { GoogleSecret } from "./secret.ts";
import { checkWritable } from "./writable.ts";

export type GoogleSecretManagerOptions = Names & {
  /** Origin of the API; null: Google's own for the location. */
  readonly endpoint: string | null;
  /** Absolute; null: Application Default Credentials. */
  readonly credentialsFile: string | null;
};

/** What tests do otherwise. */
export type GoogleSecretManagerSettings = {
  readonly deadlineMs?: number;
  readonly pauseMs?: number;
  readonly random?: () => number;
};

/** Nothing is asked of Google yet. */
export function openGoogleSecretManager(
  options: GoogleSecretManagerOptions,
  { clock, leases }: { readonly clock: Clock; readonly leases: Leases },
  { deadlineMs = 5_000, pauseMs = 500, random = Math.random }: GoogleSecretManagerSettings = {},
): SecretStore {
  const manager = new SecretManager({ ...options, clock, random, deadlineMs, pauseMs });
  const open = (secret: string) =>
    new GoogleSecret(manager, resourceOf(options, secret), creationOf(options, secret));
  const [application, workbench] = [open(options.secret), open(options.rotatorSecret)];
  return new TwoSecretsStore({
    location: application.name,
    guide: guideTo(options),
    application,
    workbench,
    leases,
    clock,
    pauseMs,
    checkWritable: () => checkWritable(application, workbench),
  });
}
