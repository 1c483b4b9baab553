/**
 * Writes what comes on standard input to a new file of the keys volume, as its owner and for nobody else to read. For
 * the first key of a volume that no shell can reach: `docker compose run --rm -T put-key billing.env < billing.env`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const [name = ""] = process.argv.slice(2);
if (!/^[\w-][\w.-]*$/.test(name)) fail("usage: put-key <file name> < file");
const content = await text(process.stdin);
if (!/^[A-Z_]+=\S/m.test(content)) fail("standard input has no line NAME=value; nothing was written");
try {
  // Never over another one: what lies there may be the only copy of a key.
  writeFileSync(join("/srv/keys", name), content, { mode: 0o600, flag: "wx" });
  process.stdout.write(
    `${name} is in the volume. Name it in rotator.yaml: { type: env-file, path: /srv/keys/${name} }\n`,
  );
} catch (error) {
  fail(
    error.code === "EEXIST"
      ? `${name} is there already; it was left as it is`
      : `${name} cannot be written (${error.code})`,
  );
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
