/** What a person may not ask for here, because the key's platform rotates it and nobody else writes its secret. */
import type { PlatformRotation, SecretStore } from "../core/ports.ts";

/** null: this process rotates the key. Throws StoreError. */
export async function platformInCharge({
  platform,
}: Pick<SecretStore, "platform">): Promise<PlatformRotation | null> {
  return platform && (await platform.inCharge()) ? platform : null;
}

export function rollbackRefused(platform: string): string {
  return `${platform} rotates this key itself and would not know of a rollback. Mend the applications so that they use the new secret; until the old one dies they may fall back to it.`;
}

export function replacementRefused({ name, putKey }: Pick<PlatformRotation, "name" | "putKey">): string {
  return `${name} rotates this key itself, so another one can't be written from here. Nothing was changed: take the new key and ${putKey}. Applications are told of it then.`;
}
