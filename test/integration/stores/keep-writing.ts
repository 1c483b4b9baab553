/**
 * A process that writes into the env file of its first argument as often as its second says, each time a secret
 * that begins with its third, and starts over at every conflict.
 */
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { EnvFileStore } from "../../../src/stores/env-file/store.ts";
import { VARIABLES } from "../../support/env-file-place.ts";

const [path = "", times = "", name = ""] = process.argv.slice(2);
const store = new EnvFileStore({ path, displayPath: path, variables: VARIABLES });

for (let written = 0; written < Number(times);) {
  const { slots, version } = await store.read();
  const active = unknownOrigin(new Secret(`${name}${written}`.padEnd(1 + (written % 7) * 500, "x")));
  if ((await store.write({ ...slots, active }, version)) === "written") written += 1;
}
