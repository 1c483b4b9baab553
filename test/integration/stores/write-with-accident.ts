/**
 * A process that writes a secret into an env file and meets with an accident at the n-th thing that it asks of the
 * file system after it has begun: it is killed just before it, or half-way through it if it is a write of text; it
 * gets an error; or somebody else adds a line to the file just before it. Prints what became of the write and how many operations there were. The code under test knows nothing of this.
 *
 * Arguments: the path of the file, the secret, n, and `kill`, `edit` or the code of an error.
 */
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { devNull } from "node:os";
import { StoreError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { unknownOrigin } from "../../../src/core/slots.ts";
import { EnvFileStore } from "../../../src/stores/env-file/store.ts";
import { VARIABLES } from "../../support/env-file-place.ts";

const [path = "", secret = "", at = "", accident = ""] = process.argv.slice(2);
let armed = false;
let count = 0;

type Operation = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** Puts the accident in front of a function of the file system. */
function endanger(owner: object, name: string): void {
  const operation: unknown = Reflect.get(owner, name);
  if (typeof operation !== "function") throw new Error(`no function ${name}`);
  const endangered: Operation = async function (...args) {
    if (armed) count += 1;
    if (armed && count === Number(at)) {
      armed = false;
      if (accident === "edit") await promises.appendFile(path, "# edited\n");
      else if (accident !== "kill")
        throw Object.assign(new Error(`${accident}: on order`), { code: accident });
      else {
        const [text] = args;
        const isText = name === "writeFile" && typeof text === "string";
        if (isText) await Reflect.apply(operation, this, [text.slice(0, text.length / 2)]);
        process.kill(process.pid, "SIGKILL");
      }
    }
    return Reflect.apply(operation, this, args);
  };
  Reflect.set(owner, name, endangered);
}

async function endangerAll(): Promise<void> {
  const sample: FileHandle = await promises.open(devNull);
  const handles: object = Object.getPrototypeOf(sample);
  await sample.close();
  for (const name of ["stat", "readFile", "writeFile", "chown", "chmod", "sync"]) endanger(handles, name);
  for (const name of ["realpath", "open", "stat", "readdir", "rm", "rename"]) endanger(promises, name);
  syncBuiltinESMExports();
}

const store = new EnvFileStore({ path, displayPath: "./billing.env", variables: VARIABLES });
const { slots, version } = await store.read();
const next = { ...slots, active: unknownOrigin(new Secret(secret)) };
await endangerAll();
armed = true;
try {
  const result = await store.write(next, version);
  process.stdout.write(JSON.stringify({ result, met: !armed, operations: count }));
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  const { message, effect, retry } = error;
  process.stdout.write(JSON.stringify({ error: { message, effect, retry }, met: !armed, operations: count }));
}
