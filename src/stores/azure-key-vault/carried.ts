/** What a new version takes over from the one before it: people's policies and searches look at these. */
import type { SecretProperties, SetSecretOptions } from "@azure/keyvault-secrets";
import { OLD_VERSION_TAG } from "./permissions.ts";

/** The client counts the seconds of an expiry in 32 bits, and would turn a later one into one long past. */
const LAST_EXPIRY_MS = 0x7fff_ffff * 1000;

/**
 * Tags, content type and expiry. An expiry that is over is renewed for as long as it was given at first: a version
 * that is born expired would mislead, and one without expiry may be refused by a policy.
 *
 * @param now epoch milliseconds
 */
export function carriedOver(former: SecretProperties, now: number): SetSecretOptions {
  const { contentType, tags } = former;
  const expiresOn = expiry(former, now);
  return {
    ...(contentType !== undefined && { contentType }),
    ...(tags && { tags: othersOf(tags) }),
    ...(expiresOn && { expiresOn }),
  };
}

/** The tags with the mark of the old version set or (null) removed. */
export function marked(tags: SecretProperties["tags"], old: string | null): Record<string, string> {
  return { ...othersOf(tags ?? {}), ...(old !== null && { [OLD_VERSION_TAG]: old }) };
}

function othersOf(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => name !== OLD_VERSION_TAG));
}

function expiry({ expiresOn, createdOn }: SecretProperties, now: number): Date | null {
  if (!expiresOn) return null;
  const given = createdOn ? expiresOn.getTime() - createdOn.getTime() : 0;
  const at = expiresOn.getTime() > now ? expiresOn.getTime() : now + given;
  return at > now && at <= LAST_EXPIRY_MS ? new Date(at) : null;
}
