/**
 * Keeps other people's web pages out. A browser takes any page's requests to any address and adds the credentials
 * that its user once typed, so being on loopback or asking for a password is no defence by itself.
 */
import type { IncomingHttpHeaders } from "node:http";

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * True if a `Host` header names this very machine. A page that re-points its own name at 127.0.0.1
 * ("DNS rebinding") becomes the same origin for the browser, but still sends its own name.
 */
export function namesLoopback(host: string | undefined): boolean {
  return LOOPBACK_HOST.test(host ?? "");
}

/**
 * True if a browser sends a request on behalf of another site's page, unless it follows a link. Reading counts too:
 * an image on any page could otherwise use up the requests that we may make to Paddle. `Sec-Fetch-*` cannot be set
 * by a page, but browsers send it only to https and loopback addresses; elsewhere `Origin` tells of changes.
 * Programs send neither.
 *
 * @param ownUrl where people reach us, which a proxy may not tell by `Host`; left out, or null: not said
 */
export function isForeign(
  method: string,
  headers: IncomingHttpHeaders,
  ownUrl: string | null = null,
): boolean {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return false;
  if (READING.has(method)) return site !== undefined && headers["sec-fetch-dest"] !== "document";
  if (site !== undefined) return true;
  if (headers.origin === undefined || headers.origin === ownUrl) return false;
  return hostOf(headers.origin) !== headers.host?.toLowerCase();
}

/** Host and port of an origin; null for `null` and anything else that is none. */
function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null;
}
