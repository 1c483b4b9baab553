/**
 * A standby that cannot forward a request answers 307 and names the active node. The request carries a token, and
 * perhaps secrets: it follows only to a node that is plainly of the same cluster, once, over the same protocol and
 * to the same path. Its certificate is checked like the first one's.
 */

/** Where to repeat a request to `from` that was answered with this Location; null: nowhere. */
export function redirectTarget(from: URL, location: string | null): URL | null {
  const target = location === null ? null : URL.parse(location, from);
  if (!target || target.username || target.password) return null;
  const isSameRequest = target.pathname === from.pathname && target.search === from.search;
  return isSameRequest && target.protocol === from.protocol && areNeighbours(from.hostname, target.hostname)
    ? target
    : null;
}

/** The same host, one below it, or one beside it: vault.example.com and vault-2.example.com. */
function areNeighbours(known: string, other: string): boolean {
  if (other === known || other.endsWith(`.${known}`)) return true;
  const parent = known.slice(known.indexOf(".") + 1);
  const isDomain = known.includes(".") && parent.includes(".") && /[a-z]/i.test(parent);
  return isDomain && other.endsWith(`.${parent}`);
}
