/** A service that owns an embedded PostgreSQL and lives until it is killed. Its parent hears how the start went. */
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../src/queue/embedded-postgres.ts";

export type Report = { readonly url: string } | { readonly refusal: string };

const [dataDir = ""] = process.argv.slice(2);
const report: Report = await startEmbeddedPostgres({ dataDir, log: pino({ level: "silent" }) }).then(
  ({ url }) => ({ url: url.reveal() }),
  (error: Error) => ({ refusal: error.message }),
);
process.send?.(report);
