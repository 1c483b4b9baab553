/** Somebody who holds a stolen secret and uses it as its owner would. */
import type { Account } from "./account.ts";
import { authenticate } from "./authenticate.ts";
import { startRotation } from "./rotate.ts";

export type TheftOptions = {
  /** Left out: 0, so that the owner is locked out at the thief's first use. */
  readonly graceSeconds?: number;
  /** Whether the thief uses the new secret at once; left out: no, the rotation stays pending. */
  readonly activate?: boolean;
};

/** Rotates the key that the stolen secret is of, and returns what only the thief knows. Throws where Paddle refuses. */
export function rotateAsThief(
  account: Account,
  stolen: string,
  { graceSeconds = 0, activate = false }: TheftOptions = {},
): { rotationId: string; secret: string } {
  const key = authenticate(account, stolen);
  if (!key) throw new Error("the stolen secret is dead: Paddle would answer the thief with invalid_token");
  if (!key.rotatable) throw new Error(`${key.id} is not rotatable: Paddle would refuse the thief`);
  const rotation = startRotation(account, key, { graceSeconds, newKeyExpiresAt: undefined });
  if (activate) authenticate(account, rotation.newSecret);
  return { rotationId: rotation.id, secret: rotation.newSecret };
}
