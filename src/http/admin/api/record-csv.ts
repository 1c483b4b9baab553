/** Audit records as a table: RFC 4180, one row for each record. Pure. */
import type { AuditRecord } from "../../../rotation/audit-record.ts";

const COLUMNS: readonly (readonly [
  name: string,
  cell: (record: AuditRecord) => string | null | undefined,
])[] = [
  ["id", ({ id }) => id],
  ["kind", ({ kind }) => kind],
  ["keyName", ({ keyName }) => keyName],
  ["keyId", ({ keyId }) => keyId],
  ["intent", ({ intent }) => intent],
  ["eventId", ({ eventId }) => eventId],
  ["requestedAt", ({ requestedAt }) => requestedAt],
  ["receivedAt", ({ receivedAt }) => receivedAt],
  ["endedAt", ({ endedAt }) => endedAt],
  ["outcome", ({ outcome }) => outcome],
  ["result", ({ result }) => result],
  ["summary", ({ summary }) => summary],
  ["steps", ({ steps }) => steps.map(({ at, fact }) => `${at} ${fact}`).join("; ")],
  ["secrets", ({ secrets }) => secrets.map(life).join("; ")],
  ["secretDeadAt", ({ exposureClock }) => exposureClock?.secretDeadAt],
  ["storeUpdatedAt", ({ exposureClock }) => exposureClock?.storeUpdatedAt],
  ["consumersSafeAt", ({ exposureClock }) => exposureClock?.consumersSafeAt],
];

export function toCsv(records: readonly AuditRecord[]): string {
  const rows = records.map((record) => COLUMNS.map(([, cell]) => cell(record) ?? ""));
  return [COLUMNS.map(([name]) => name), ...rows].map((row) => `${row.map(quote).join(",")}\r\n`).join("");
}

function life({ fingerprint, livedSeconds }: AuditRecord["secrets"][number]): string {
  return livedSeconds === null ? fingerprint : `${fingerprint} lived ${livedSeconds} s`;
}

/** A spreadsheet runs what begins like a formula; an apostrophe makes it text. */
function quote(cell: string): string {
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
