/** What Paddle says of a key, compared with what the configuration wants of it. Pure. */
import type { KeyConfig } from "../../config/keys.ts";
import { formatDuration } from "../../core/duration.ts";
import { type ApiKey, identify } from "../../core/paddle-key.ts";
import type { KeyAnswer } from "../../core/ports.ts";
import type { IssuedSecret, Slots } from "../../core/slots.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const DASHBOARD = "Paddle > Developer tools > Authentication";

/** Where the secret names no key, Paddle is not asked. */
export function namesNoKey({ name }: KeyConfig, location: string): Finding {
  return failed(
    name,
    `the active secret in ${location} carries no key id: it is no Paddle API key, or one from before May 2025, which cannot be rotated`,
    `create a rotatable key in ${DASHBOARD}, then: npm run rotator -- replace ${name}`,
  );
}

const KNOWN_HOSTS: Readonly<Record<string, "live" | "sandbox">> = {
  "api.paddle.com": "live",
  "sandbox-api.paddle.com": "sandbox",
};

/** A key that PADDLE_API_URL sends to the other environment; null: none is. */
export function sentAstray(
  { name }: KeyConfig,
  { secret }: IssuedSecret,
  apiUrl: Readonly<URL> | null,
): Finding | null {
  const own = identify(secret)?.environment;
  const there = apiUrl && KNOWN_HOSTS[apiUrl.hostname];
  if (!there || !own || own === there) return null;
  return failed(
    name,
    `it is a ${own} key, and PADDLE_API_URL sends it to Paddle's ${there}, which refuses it`,
    "unset PADDLE_API_URL: each key says itself where it belongs",
  );
}

export type KeyFacts = {
  readonly key: KeyConfig;
  readonly keyId: string;
  readonly slots: Slots;
  readonly active: IssuedSecret;
  readonly answer: KeyAnswer;
  readonly hasStandby: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
};

export function judgeKey(facts: KeyFacts): Finding[] {
  const { answer } = facts;
  if (!answer.accepted) return [refused(facts)];
  const findings = [exposure(facts, answer.key), rotatability(facts, answer.key), expiry(facts, answer.key)];
  const faults = findings.filter((finding) => finding !== null);
  return faults.length > 0 ? faults : [well(facts, answer.key)];
}

function well({ key: { name }, keyId, now }: KeyFacts, { expiresAt }: ApiKey): Finding {
  const life =
    expiresAt === null
      ? "never expires"
      : `expires at ${iso(expiresAt)}, in ${formatDuration(expiresAt - now)}`;
  return ok(name, `Paddle accepts ${keyId}; it is rotatable and ${life}`);
}

function refused({ key: { name }, keyId, slots, active }: KeyFacts): Finding {
  const isInFlight = slots.pending !== null || slots.old !== null;
  return failed(
    name,
    `Paddle refuses the active secret ${active.secret.fingerprint()} of ${keyId}: it expired, was revoked, or somebody else rotated it`,
    isInFlight
      ? `a rotation is under way: the running service settles it; see npm run rotator -- status ${name}`
      : `look at ${keyId} in ${DASHBOARD}; if it is dead, create another one, then: npm run rotator -- replace ${name}`,
  );
}

/** Only of a secret that was issued since is it known that it is not the one that was seen. */
function exposure({ key: { name }, keyId, active }: KeyFacts, { exposedAt }: ApiKey): Finding | null {
  if (exposedAt === null || (active.issuedAt !== null && active.issuedAt >= exposedAt)) return null;
  const says = `${keyId} was found in public at ${iso(exposedAt)}`;
  const fix = `npm run rotator -- rotate ${name} --revoke-first`;
  if (active.issuedAt === null)
    return failed(
      name,
      `${says}, and nobody knows whether its secret was issued after that`,
      `unless it was: ${fix}`,
    );
  return failed(name, `${says}, and that secret is still in use`, fix);
}

function rotatability(
  { key: { name }, keyId, hasStandby }: KeyFacts,
  { rotatable, expiresAt }: ApiKey,
): Finding | null {
  if (rotatable) return null;
  const until = expiresAt === null ? "" : `, and expires at ${iso(expiresAt)}`;
  const says = `${keyId} was made without rotation${until}: it cannot be rotated, only replaced`;
  const fix = `create a rotatable key in ${DASHBOARD} (that cannot be switched on later), then: npm run rotator -- replace ${name}`;
  return hasStandby ? warning(name, `${says}; its standby will take over`, fix) : failed(name, says, fix);
}

function expiry(
  { key: { name, rotation }, keyId, now }: KeyFacts,
  { expiresAt, rotatable }: ApiKey,
): Finding | null {
  if (!rotatable) return null;
  if (expiresAt === null)
    return rotation.everyMs !== null
      ? null
      : warning(
          name,
          `${keyId} never expires and rotation.every is not set: nothing will ever rotate it`,
          `set rotation.every, e.g. 60d, for ${name}`,
        );
  const left = expiresAt - now;
  if (left > rotation.renewBeforeMs) return null;
  return warning(
    name,
    `${keyId} expires at ${iso(expiresAt)}, in ${formatDuration(left)}: its rotation is due`,
    `look whether the service runs: npm run rotator -- status ${name}; or now: npm run rotator -- rotate ${name}`,
  );
}

/** One key under two names would be rotated by each for itself, and each would kill the other's secret. */
export function sameKeys(keyIds: ReadonlyMap<string, string>): Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [name, keyId] of keyIds) {
    const owner = owners.get(keyId);
    if (owner === undefined) owners.set(keyId, name);
    else
      findings.push(
        failed(
          name,
          `its active secret is of ${keyId}, the same key as that of ${owner}: each rotation of one kills the secret of the other`,
          `create a key of its own for ${name} in ${DASHBOARD}, or manage it under one name`,
        ),
      );
  }
  return findings;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
