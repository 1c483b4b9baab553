/** A process that kills itself as soon as it was told that its line is written. What it does: `alert` or `record`. */
import { logChannel } from "../../src/alerts/log.ts";
import { createLogger } from "../../src/logger.ts";
import { keepRecord } from "../../src/rotation/record.ts";
import { memoryRecords } from "../support/memory-records.ts";

const log = createLogger("info");
// Something is on its way already, as there always is.
log.info("before");
if (process.argv[2] === "alert")
  await logChannel(log).send({
    id: "key-lost-1",
    kind: "key-lost",
    severity: "critical",
    keyName: "billing",
    keyId: null,
    happened: "It happened.",
    action: null,
    raisedAt: 0,
  });
else
  await keepRecord(memoryRecords(), log, {
    id: "evt_1",
    kind: "rotation",
    keyName: "billing",
    keyId: "apikey_1",
    intent: "expiring",
    eventId: "evt_1",
    requestedAt: "2026-11-21T00:00:00.000Z",
    receivedAt: "2026-11-21T00:00:00.000Z",
    endedAt: "2026-11-21T00:00:00.000Z",
    outcome: "done",
    result: "rotated",
    summary: "It is rotated.",
    steps: [],
    secrets: [],
  });
process.kill(process.pid, "SIGKILL");
