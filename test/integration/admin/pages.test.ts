/** The pages as HTTP sees them: what they may load, who may send their forms, and how they are kept up to date. */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { CANARY, NOW } from "../../support/admin/keys.ts";
import {
  DAY,
  jobAbout,
  keyIdOf,
  onRecord,
  openIncident,
  peopleWereTold,
  secretFor,
  storyKey,
} from "../../support/admin/pages-story.ts";
import { rotated } from "../../support/admin/pages-showcase.ts";
import { openPages, openShowcase, type PagesWorld } from "../../support/admin/pages-world.ts";
import { BASIC, CREDENTIALS } from "../../support/admin/world.ts";

const PAGE = "/keys/billing-worker";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

async function tokenOf(world: PagesWorld, headers = {}): Promise<string> {
  const { text } = await world.call(PAGE, { headers });
  return /name="token" value="([^"]+)"/.exec(text)?.[1] ?? "";
}

async function send(world: PagesWorld, action: string, fields: Record<string, string>, headers = {}) {
  const body = new URLSearchParams(fields).toString();
  return world.call(`${PAGE}/${action}`, { method: "POST", headers: { ...FORM, ...headers }, body });
}

const steady = (options = {}) =>
  openPages({
    keys: [storyKey("billing-worker", { active: secretFor("billing-worker", "Active", NOW - 30 * DAY) })],
    ...options,
  });

describe("every page", () => {
  it.each(["/", PAGE, "/runbook", "/keys/none"])(
    "%s may load our own files only, and holds no style or script",
    async (path) => {
      await using world = await openShowcase();
      const { headers, text } = await world.call(path);
      expect(headers["content-type"]).toBe("text/html; charset=utf-8");
      expect(headers["content-security-policy"]).toBe(POLICY);
      expect(headers["cache-control"]).toBe("no-store");
      expect(text).not.toMatch(/ style=|<style|<script>|<script[^>]+>[^<]| on\w+=|="\s*https?:\/\//);
      expect(text).not.toContain(CANARY);
    },
  );

  it("/runbook says how its commands are called in containers, and each entry with a command leads there", async () => {
    await using world = await openShowcase();
    const { text } = await world.call("/runbook");
    const [, section = ""] = /id="commands">(.*?)<\/section>/s.exec(text) ?? [];
    for (const call of ["docker compose exec rotator /", "kubectl exec -it ", "sudo -u rotator env "])
      expect(section).toContain(call);
    const entries = text
      .split("<article ")
      .filter((part) => part.includes(`class="command">npm run rotator --`));
    expect(entries.length).toBeGreaterThan(10);
    for (const entry of entries) expect(entry).toContain('href="#commands"');
  });

  it("shows what others wrote as text", async () => {
    const evil = `</p><img src=x onerror="alert('1')">`;
    const key = storyKey("billing-worker", { active: secretFor("billing-worker", "Active", NOW - DAY) });
    const facts = { [evil]: { at: new Date(NOW).toISOString(), says: evil } };
    await using world = await openPages({
      keys: [key],
      jobs: [jobAbout(key, { id: `manual-${evil}`, state: "failed", failure: evil, facts })],
      async fill(records) {
        await peopleWereTold(
          records,
          openIncident("billing-worker", { kind: "key-exposed", happened: evil, action: evil }),
        );
        await onRecord(records, { ...rotated(key, 3), id: evil, intent: evil, summary: evil, eventId: evil });
      },
    });
    for (const path of ["/", PAGE, `${PAGE}?asked=${encodeURIComponent(evil)}&queue=rotations`]) {
      const { text } = await world.call(path);
      expect(text).toContain("&lt;/p&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;");
      expect(text).not.toContain("<img src=x");
    }
  });

  it("shows of a key what was done to it and to its standby, and to no other", async () => {
    const key = storyKey("billing-worker", { active: secretFor("billing-worker", "Active", NOW - DAY) });
    await using world = await openPages({
      keys: [key],
      async fill(records) {
        for (const [index, keyName] of ["billing-worker", "billing-worker-standby", "billing"].entries())
          await onRecord(records, {
            ...rotated(key, 3),
            id: `evt_${index}`,
            keyName,
            summary: `About ${keyName}.`,
          });
      },
    });
    const { text } = await world.call(PAGE);
    expect(text.match(/About [a-z-]+\./g)).toEqual([
      "About billing-worker-standby.",
      "About billing-worker.",
    ]);
  });

  it("does not repeat the address of a key that there is not", async () => {
    await using world = await steady();
    const { status, text } = await world.call("/keys/%3Cimg%20src=x%3E");
    expect(status).toBe(404);
    expect(text).toContain("No key has this name.");
    expect(text).not.toContain("img src=x");
  });

  it("answers without asking a store again for everybody who looks", async () => {
    await using world = await steady();
    await Promise.all(Array.from({ length: 5 }, () => world.call("/")));
    expect(world.paddle.asked).toEqual([]);
  });

  it("wants sign-in, for its files, too", async () => {
    await using world = await steady({ signIn: CREDENTIALS });
    const { text } = await world.call("/", { headers: BASIC });
    const paths = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(new Set(paths).size).toBe(3);
    for (const path of ["/", PAGE, "/runbook", "/live", ...paths])
      expect((await world.call(path)).status).toBe(401);
  });

  it("refuses other methods", async () => {
    await using world = await steady();
    for (const path of ["/", PAGE, "/runbook", "/live"])
      expect((await world.call(path, { method: "POST" })).status).toBe(405);
    expect((await world.call(`${PAGE}/rotate`)).status).toBe(405);
  });
});

describe("the files of pages", () => {
  it("never change under one name, so that browsers keep them", async () => {
    await using world = await steady();
    const { text } = await world.call("/");
    const [, path = ""] = /href="(\/assets\/rotator\.[\w-]+\.css)"/.exec(text) ?? [];
    const { status, headers } = await world.call(path);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/css; charset=utf-8");
    expect(headers["cache-control"]).toBe("private, max-age=31536000, immutable");
    const again = await world.call(path, { headers: { "if-none-match": String(headers.etag) } });
    expect([again.status, again.text]).toEqual([304, ""]);
    expect((await world.call("/assets/rotator.css")).status).toBe(404);
  });
});

describe("a form", () => {
  it("does what it says and leads to the page that shows it", async () => {
    await using world = await steady();
    const answer = await send(world, "rotate", { token: await tokenOf(world), grace: "0" });
    expect(answer.status).toBe(303);
    const id = world.workQueue.puts[0]?.intent.id;
    expect(answer.headers.location).toBe(`${PAGE}?asked=${id}&queue=rotations`);
    expect(world.workQueue.puts).toMatchObject([{ graceSeconds: 0 }]);
  });

  it("does nothing without its token, or with somebody else's", async () => {
    const viewer = { user: { name: "guest", password: new Secret("guest-password") }, token: null };
    await using world = await steady({ signIn: { ...CREDENTIALS, viewer } });
    const bearer = { authorization: "Bearer CaNaRy-token" };
    for (const token of ["", "x", await tokenOf(world, bearer)]) {
      const answer = await send(world, "rotate", { token, grace: "0" }, BASIC);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain("Nothing was changed");
    }
    expect((await send(world, "rotate", { grace: "0" }, BASIC)).status).toBe(403);
    expect(world.workQueue.puts).toEqual([]);
  });

  it("is taken from nobody who may only look", async () => {
    const viewer = { user: { name: "guest", password: new Secret("guest-password") }, token: null };
    await using world = await steady({ signIn: { ...CREDENTIALS, viewer } });
    const guest = { authorization: `Basic ${Buffer.from("guest:guest-password").toString("base64")}` };
    expect(await tokenOf(world, guest)).toBe("");
    const token = await tokenOf(world, BASIC);
    expect((await send(world, "rotate", { token, grace: "0" }, guest)).status).toBe(403);
    expect(world.workQueue.puts).toEqual([]);
  });

  it.each([
    ["rotate", {}, "Choose how long"],
    ["rotate", { grace: "7" }, "Choose how long"],
    ["revoke-first", {}, "Type the name"],
    ["replace", { key: "" }, "Paste the new key"],
    ["replace", { key: "x".repeat(501) }, "Paste the new key"],
    ["retry", {}, "names no job"],
    ["rotate", { grace: "0", more: "1" }, "Choose how long"],
  ])("%s says what is missing", async (action, fields, says) => {
    await using world = await steady();
    const answer = await send(world, action, { token: await tokenOf(world), ...fields });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(says);
    expect(world.workQueue.puts).toEqual([]);
  });

  it("says that the queue is down, and when to try again", async () => {
    await using world = await steady();
    const token = await tokenOf(world);
    world.workQueue.state = "down";
    const answer = await send(world, "rotate", { token, grace: "0" });
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(answer.text).toContain("the queue is down");
  });

  it("says what the state of the key does not allow", async () => {
    await using world = await steady();
    const answer = await send(world, "roll-back", { token: await tokenOf(world) });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain("Not done");
  });

  it("answers 200 when the key that was handed over is in use already", async () => {
    await using world = await steady();
    const key = secretFor("billing-worker", "Active", null).secret.reveal();
    const answer = await send(world, "replace", { token: await tokenOf(world), key: ` ${key} ` });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("Done already");
    expect(answer.text).not.toContain(CANARY);
  });

  it("is not read where programs send JSON", async () => {
    await using world = await steady();
    const path = "/api/keys/billing-worker/rotations";
    const answer = await world.call(path, { method: "POST", headers: FORM, body: "mode=graceful" });
    expect(answer.status).toBe(415);
  });

  it("for a key that there is not finds none", async () => {
    await using world = await steady();
    const body = new URLSearchParams({ token: await tokenOf(world), grace: "0" }).toString();
    const answer = await world.call("/keys/other/rotate", { method: "POST", headers: FORM, body });
    expect(answer.status).toBe(404);
  });
});

describe("/live", () => {
  async function listen(world: PagesWorld): Promise<IncomingMessage> {
    const request = get(`${world.origin}/live`, { agent: false });
    const [answer] = await once(request, "response");
    return answer;
  }

  /** Events as they come, until there are so many. */
  async function events(answer: IncomingMessage, count: number): Promise<string[]> {
    let text = "";
    for await (const chunk of answer.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      const found = [...text.matchAll(/data: (\S+)\n\n/g)].map(([, version = ""]) => version);
      if (found.length >= count) return found;
    }
    throw new Error(`it ended after: ${text}`);
  }

  it("tells of the version now, and of each new one, and nothing else", async () => {
    await using world = await steady();
    const answer = await listen(world);
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    const [first] = await events(answer, 1);
    expect((await world.call("/")).text).toContain(`data-version="${first}"`);
    await peopleWereTold(
      world.records,
      openIncident("billing-worker", { kind: "key-exposed", keyId: keyIdOf("x") }),
    );
    await world.lookAgain();
    const [second] = await events(answer, 1);
    expect(second).not.toBe(first);
    answer.destroy();
  });

  it("keeps at most 50 pages up to date, and has room again once one is closed", async () => {
    await using world = await steady();
    const open = await Promise.all(Array.from({ length: 50 }, () => listen(world)));
    expect(open.map(({ statusCode }) => statusCode)).toEqual(Array(50).fill(200));
    const refused = await listen(world);
    expect(refused.statusCode).toBe(503);
    refused.destroy();
    open[0]?.destroy();
    await expect
      .poll(async () => {
        const answer = await listen(world);
        answer.destroy();
        return answer.statusCode;
      })
      .toBe(200);
    for (const answer of open) answer.destroy();
  });

  it("ends when the listener closes, and keeps it from nothing", async () => {
    const world = await steady();
    const answer = await listen(world);
    await events(answer, 1);
    const ended = once(answer.resume(), "close");
    await world[Symbol.asyncDispose]();
    await ended;
  });
});
