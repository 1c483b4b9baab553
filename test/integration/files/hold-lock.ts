/** A process that takes the lock on the path of its first argument, says so, and holds it until it is killed. */
import { acquireFileLock } from "../../../src/files/lock.ts";

await acquireFileLock(process.argv[2] ?? "");
process.stdout.write("held\n");
setInterval(() => {}, 60_000);
