/** `npm run bench -- <name>`: figures that anyone can measure again. */
import { availability } from "./availability.ts";
import { exposure } from "./exposure.ts";
import { faults } from "./faults.ts";
import { ingest } from "./ingest.ts";
import { memory } from "./memory.ts";
import { rotation } from "./rotation.ts";
import { start } from "./start.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  availability,
  exposure,
  faults,
  ingest,
  memory,
  rotation,
  start,
};

const name = process.argv[2] ?? "";
const bench = BENCHES[name];
if (bench) {
  await bench();
} else {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join(" | ")}`);
  process.exitCode = 2;
}
