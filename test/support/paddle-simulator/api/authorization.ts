/** From the `Authorization` header to the key that calls, and what that key may do. */
import type { Account, Key } from "../account/account.ts";
import { authenticate } from "../account/authenticate.ts";
import { ApiError } from "./api-error.ts";

/** The secret in the header; null: there is no header. */
export function readBearer(header: string | undefined): string | null {
  if (header === undefined) return null;
  const secret = /^Bearer (\S+)$/i.exec(header)?.[1];
  if (!secret) throw new ApiError("authentication_malformed");
  return secret;
}

/** The calling key; null: no credentials were given. A first use activates a pending secret here. */
export function callerOf(account: Account, header: string | undefined): Key | null {
  const secret = readBearer(header);
  if (secret === null) return null;
  const key = authenticate(account, secret);
  if (!key) throw new ApiError("invalid_token");
  return key;
}

/** `<entity>.write` includes `<entity>.read`; a legacy key may do everything (Paddle's docs, "Permissions"). */
export function hasPermission({ permissions: granted }: Key, permission: string): boolean {
  if (granted === null || granted.includes(permission)) return true;
  return granted.includes(permission.replace(/\.read$/, ".write"));
}

export function requirePermission(caller: Key, permission: string): void {
  if (!hasPermission(caller, permission)) throw new ApiError("forbidden");
}
