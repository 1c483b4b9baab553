/** Keeps secrets off the command line, where the shell's history and the process list show them. */
import { UsageError } from "./answer.ts";

// A key as it is made now, or the 50 characters of one from before May 2025. A key's configured name has no capitals.
const KEY_LIKE = /pdl_[a-z]+_apikey_|^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{40,}$/;

/** Throws UsageError that does not repeat the argument. */
export function refuseSecrets(args: readonly string[]): void {
  if (!args.some((arg) => KEY_LIKE.test(arg))) return;
  throw new UsageError(
    "a key does not belong on the command line: it is in this shell's history now, and every user of this machine " +
      "could see it. Take it out of the history, or better, revoke it and create another one. " +
      "`replace <name>` asks for the key, or reads it from standard input.",
  );
}
