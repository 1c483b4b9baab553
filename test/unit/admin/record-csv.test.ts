/** The audit records in a spreadsheet. */
import { describe, expect, it } from "vitest";
import { toCsv } from "../../../src/http/admin/api/record-csv.ts";
import type { AuditRecord } from "../../../src/rotation/audit-record.ts";

const RECORD: AuditRecord = {
  id: "evt_1",
  kind: "exposure",
  keyName: "billing",
  keyId: "apikey_1",
  intent: "exposed",
  eventId: null,
  requestedAt: "2026-11-21T12:00:00.000Z",
  receivedAt: "2026-11-21T12:00:01.000Z",
  endedAt: "2026-11-21T12:00:03.000Z",
  outcome: "done",
  result: "rotated",
  summary: "billing is rotated.",
  steps: [
    { fact: "staged", at: "2026-11-21T12:00:01.000Z", says: "Staged." },
    { fact: "promoted", at: "2026-11-21T12:00:02.000Z", says: "Promoted." },
  ],
  secrets: [
    { fingerprint: "sha256:aa", issuedAt: null, endedAt: null, livedSeconds: 0 },
    { fingerprint: "sha256:bb", issuedAt: null, endedAt: null, livedSeconds: null },
  ],
  exposureClock: {
    occurredAt: "2026-11-21T12:00:00.000Z",
    receivedAt: "2026-11-21T12:00:01.000Z",
    secretDeadAt: "2026-11-21T12:00:02.000Z",
    storeUpdatedAt: null,
    consumersSafeAt: null,
  },
};

const summaryOf = (summary: string) =>
  toCsv([{ ...RECORD, summary }])
    .split("rotated,")[1]
    ?.split(",2026")[0];

describe("the table of records", () => {
  it("is a line of names and a line for each record", () => {
    expect(toCsv([RECORD])).toBe(
      "id,kind,keyName,keyId,intent,eventId,requestedAt,receivedAt,endedAt,outcome,result,summary,steps,secrets," +
        "secretDeadAt,storeUpdatedAt,consumersSafeAt\r\n" +
        "evt_1,exposure,billing,apikey_1,exposed,,2026-11-21T12:00:00.000Z,2026-11-21T12:00:01.000Z," +
        "2026-11-21T12:00:03.000Z,done,rotated,billing is rotated.," +
        "2026-11-21T12:00:01.000Z staged; 2026-11-21T12:00:02.000Z promoted,sha256:aa lived 0 s; sha256:bb," +
        "2026-11-21T12:00:02.000Z,,\r\n",
    );
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])("makes no formula of %j", (text) => {
    expect(summaryOf(text)).toBe(`'${text}`);
  });

  it.each([
    ["a comma", "a,b", '"a,b"'],
    ["quotes", 'say "no"', '"say ""no"""'],
    ["a line break", "a\nb", '"a\nb"'],
    ["a formula with a comma", "=A1,B1", '"\'=A1,B1"'],
  ])("quotes %s", (_what, text, cell) => {
    expect(summaryOf(text)).toBe(cell);
  });

  it("has its names even without records", () => {
    expect(toCsv([])).toMatch(/^id,kind,.*\r\n$/);
  });
});
