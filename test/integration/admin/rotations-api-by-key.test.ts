/** `GET /api/rotations?keyName=`: the audit records of one key among those of all. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { keepRecord } from "../../../src/rotation/record.ts";
import { rollbackRecord } from "../../../src/rotation/rollback-record.ts";
import { ACTIVE, KEY_ID, NOW, OLD } from "../../support/admin/keys.ts";
import { type AdminWorld, openAdmin } from "../../support/admin/world.ts";

const Page = z.object({ rotations: z.array(z.object({ id: z.string() })), next: z.string().nullable() });

const recordOf = (id: string, keyName: string) =>
  rollbackRecord(
    { id, keyName, keyId: KEY_ID, older: OLD, newer: ACTIVE, at: NOW, endsAt: NOW, askedBy: "ops" },
    "As asked.",
  );

async function keep(admin: AdminWorld, keyNames: readonly string[]): Promise<void> {
  for (const [index, keyName] of keyNames.entries())
    await keepRecord(admin.records, admin.logged.log, recordOf(`record-${index}`, keyName));
}

/** The ids on every page, page by page. */
async function pagesOf(admin: AdminWorld, query: string): Promise<string[][]> {
  const pages: string[][] = [];
  let path: string | null = `/api/rotations?${query}`;
  while (path) {
    const { rotations, next } = Page.parse((await admin.call(path)).json());
    pages.push(rotations.map(({ id }) => id));
    path = next && `/api/rotations?${query}&before=${next}`;
  }
  return pages;
}

const MIXED = ["billing", "reports", "reports", "billing", "billing", "reports", "billing"];

describe("the audit records of one key", () => {
  it.each([
    [1, [["record-6"], ["record-4"], ["record-3"], ["record-0"]]],
    [
      2,
      [
        ["record-6", "record-4"],
        ["record-3", "record-0"],
      ],
    ],
    [3, [["record-6", "record-4", "record-3"], ["record-0"]]],
    [4, [["record-6", "record-4", "record-3", "record-0"]]],
    [5, [["record-6", "record-4", "record-3", "record-0"]]],
  ])("are on pages of %i, each once and none left out", async (limit, pages) => {
    await using admin = await openAdmin();
    await keep(admin, MIXED);
    expect(await pagesOf(admin, `keyName=billing&limit=${limit}`)).toEqual(pages);
  });

  it("are none for a name that has none, configured or not", async () => {
    await using admin = await openAdmin();
    await keep(admin, MIXED);
    expect(await pagesOf(admin, "keyName=former-key")).toEqual([[]]);
  });

  it("are not listed for what cannot be a name", async () => {
    await using admin = await openAdmin();
    const answer = await admin.call("/api/rotations?keyName=Billing%20worker");
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ detail: "keyName: must be the name of a key" });
  });

  it("are a table too, whose link leads to the next ones of this key", async () => {
    await using admin = await openAdmin();
    await keep(admin, MIXED);
    const headers = { accept: "text/csv" };
    const answer = await admin.call("/api/rotations?keyName=billing&limit=3", { headers });
    expect(answer.text.split("\r\n")).toHaveLength(5);
    const next = /^<(.*)>; rel="next"$/.exec(String(answer.headers["link"]))?.[1] ?? "";
    expect((await admin.call(next, { headers })).text).toMatch(/\r\nrecord-0,/);
  });

  it("are looked for in two thousand records at a time, and then where the page said to go on", async () => {
    await using admin = await openAdmin();
    const kept = ["billing", ...Array.from({ length: 2_000 }, () => "reports")];
    for (const [index, keyName] of kept.entries())
      await admin.records.append("audit", JSON.parse(JSON.stringify(recordOf(`record-${index}`, keyName))));
    expect(await pagesOf(admin, "keyName=billing")).toEqual([[], ["record-0"]]);
  });
});
