/** Whose secret reads what belongs to the whole account: the key named by `readWith`, or the first that may. */
import { PaddleError } from "../core/errors.ts";
import { identify, isGranted } from "../core/paddle-key.ts";
import type { Secret } from "../core/secret.ts";
import type { Reader } from "./key-check.ts";

/** Permissions of a key lag behind its dashboard: how many refusals are worth a request. */
const MAX_TRIES = 3;

export type ReaderChoice = {
  readonly readers: readonly Reader[];
  /** The name of the only key that may be used; null: any. */
  readonly readWith: string | null;
};

/** The result of `read` with the first secret that may; null: none may. */
export async function readWithFirst<Result>(
  { readers, readWith }: ReaderChoice,
  permission: string,
  read: (secret: Secret) => Promise<Result>,
): Promise<{ readonly result: Result } | null> {
  const may = ({ keyName, permissions }: Reader) =>
    readWith === null ? isGranted(permissions, permission) : keyName === readWith;
  for (const { secret } of readers.filter(may).slice(0, MAX_TRIES)) {
    try {
      return { result: await read(secret) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return null;
}

/** One choice for each environment: live and sandbox are two accounts. */
export function byEnvironment(
  choice: ReaderChoice,
): readonly (ReaderChoice & { readonly environment: string })[] {
  const groups = Map.groupBy(choice.readers, ({ secret }) => identify(secret)?.environment ?? "unknown");
  return [...groups].map(([environment, readers]) => ({ ...choice, readers, environment }));
}

function isRefusal(error: unknown): boolean {
  return error instanceof PaddleError && (error.code === "forbidden" || error.code === "invalid_token");
}
