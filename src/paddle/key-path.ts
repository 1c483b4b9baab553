/** Where a key is in Paddle's API. */
export function keyPath(keyId: string): string {
  return `/api-keys/${encodeURIComponent(keyId)}`;
}
