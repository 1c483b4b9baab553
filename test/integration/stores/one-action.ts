/**
 * A process that does one thing to the env file of its first argument, its second says what, and prints the error.
 * With a third one it does so as the user of that id.
 */
import { StoreError } from "../../../src/core/errors.ts";
import { EnvFileStore } from "../../../src/stores/env-file/store.ts";
import { VARIABLES } from "../../support/env-file-place.ts";

const [path = "", action = "", user] = process.argv.slice(2);
const store = new EnvFileStore({ path, displayPath: "./secrets/billing.env", variables: VARIABLES });
const found = action === "write" ? await store.read() : null;

// Not before all modules are loaded: that user may not be able to read them.
if (user !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(Number(user));
  process.setuid?.(Number(user));
}
try {
  if (found) await store.write(found.slots, found.version);
  else if (action === "checkWritable") await store.checkWritable();
  else await store.read();
  process.stdout.write("null\n");
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  const { message, effect, retry } = error;
  process.stdout.write(`${JSON.stringify({ message, effect, retry })}\n`);
}
