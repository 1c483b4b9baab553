/** `GET /api/rotations`: the audit records, for programs and spreadsheets. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { rollbackRecord } from "../../../src/rotation/rollback-record.ts";
import { keepRecord } from "../../../src/rotation/record.ts";
import { ACTIVE, CANARY, KEY_ID, NOW, OLD } from "../../support/admin/keys.ts";
import { type AdminWorld, openAdmin } from "../../support/admin/world.ts";

const PATH = "/api/rotations";
const Page = z.object({ rotations: z.array(z.object({ id: z.string() })), next: z.string().nullable() });

async function keep(admin: AdminWorld, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    const about = { id: `rollback-${index}`, keyName: "billing", keyId: KEY_ID, older: OLD, newer: ACTIVE };
    const rollback = { ...about, at: NOW, endsAt: NOW, askedBy: "ops" };
    await keepRecord(admin.records, admin.logged.log, rollbackRecord(rollback, "=HYPERLINK(1), as asked."));
  }
}

async function page(admin: AdminWorld, query = "") {
  const answer = await admin.call(`${PATH}${query}`);
  const { rotations, next } = Page.parse(answer.json());
  return { ids: rotations.map(({ id }) => id), next };
}

describe("the audit records", () => {
  it("are listed newest first, fifty at a time", async () => {
    await using admin = await openAdmin();
    await keep(admin, 51);
    const first = await page(admin);
    expect(first.ids).toHaveLength(50);
    expect(first.ids[0]).toBe("rollback-51");
    expect(await page(admin, `?before=${first.next}`)).toEqual({ ids: ["rollback-1"], next: null });
    expect(await page(admin, "?limit=200")).toMatchObject({ next: null });
  });

  it("are none at first", async () => {
    await using admin = await openAdmin();
    const answer = await admin.call(PATH);
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    expect(answer.json()).toEqual({ rotations: [], next: null });
  });

  it("are a table for who asks for one, with a link to the next page", async () => {
    await using admin = await openAdmin();
    await keep(admin, 2);
    const answer = await admin.call(`${PATH}?limit=1`, {
      headers: { accept: "text/csv, application/json;q=0.5" },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toMatch(/^text\/csv/);
    expect(answer.headers["vary"]).toBe("accept");
    const lines = answer.text.split("\r\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^rollback-2,rollback,billing,.*"billing was rolled back by ops\. =HYPER/);
    const next = /^<(.*)>; rel="next"$/.exec(String(answer.headers["link"]))?.[1] ?? "";
    expect(await admin.call(next)).toMatchObject({ status: 200 });
    expect(answer.text).not.toContain(CANARY);
  });

  it.each(["application/json, text/csv", "*/*", "text/html", ""])(
    "are JSON for who accepts %j",
    async (accept) => {
      await using admin = await openAdmin();
      const answer = await admin.call(PATH, { headers: { accept } });
      expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    },
  );

  it.each([
    ["limit=0", "limit: "],
    ["limit=201", "limit: "],
    ["limit=ten", "limit: "],
    ["limit=", "limit: "],
    ["before=evt_1", "before: "],
    ["before=1'; DROP TABLE lists", "before: "],
    ["page=2", 'unknown fields: "page"'],
  ])("are not listed for a query that means nothing: %s", async (query, detail) => {
    await using admin = await openAdmin();
    const answer = await admin.call(`${PATH}?${encodeURI(query)}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });

  it.each(["later", "never"] as const)(
    "are not there while their server is not: 503 (try again: %s)",
    async (retry) => {
      await using admin = await openAdmin();
      Object.assign(admin.records, { isDown: true, retry });
      const answer = await admin.call(PATH);
      expect(answer.status).toBe(503);
      expect(answer.json()).toMatchObject({ detail: "the records are down" });
    },
  );

  it("are only read", async () => {
    await using admin = await openAdmin();
    const answer = await admin.call(PATH, { method: "DELETE" });
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
  });
});
