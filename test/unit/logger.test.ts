/** What a line of the log has in it: what belongs together can be found, and no secret. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { logged } from "../../src/core/log-context.ts";
import { Secret } from "../../src/core/secret.ts";
import { asJson, loggerOptions, prettyLines } from "../../src/logger.ts";

function openLog(format = asJson) {
  const lines: string[] = [];
  const log = pino(loggerOptions("info", format), { write: (line: string) => void lines.push(line) });
  return { log, lines, last: (): unknown => JSON.parse(lines.at(-1) ?? "") };
}

const LEGACY = 'leg"acy-key-of-old';
const held = new Secret(LEGACY);
const digits = new Secret("1234567890");

describe("a line of the log", () => {
  it("is one line of JSON with its level in words and its time in ISO 8601", () => {
    const { log, lines, last } = openLog();
    log.warn({ keyName: "billing" }, "something");
    expect(lines.join("")).toMatch(/^\{.*\}\n$/);
    expect(last()).toMatchObject({ level: "warn", keyName: "billing", msg: "something" });
    expect(last()).toHaveProperty("time", expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
  });

  it("carries what all lines of its work have in common, and its own word first", async () => {
    const { log, last } = openLog();
    await logged({ jobId: "evt_1", keyName: "billing" }, async () => {
      await Promise.resolve();
      log.child({}).info("deep inside");
      expect(last()).toMatchObject({ jobId: "evt_1", keyName: "billing" });
      log.info({ keyName: "other" }, "of another");
      expect(last()).toMatchObject({ jobId: "evt_1", keyName: "other" });
      await logged({ alertId: "lost-1" }, async () => log.info("in both"));
      expect(last()).toMatchObject({ jobId: "evt_1", alertId: "lost-1" });
    });
    log.info("outside");
    expect(last()).not.toHaveProperty("jobId");
  });

  it("carries nothing of work that is over, also where something of that lives on", async () => {
    const { log, last } = openLog();
    const over = Promise.withResolvers<void>();
    let later = Promise.resolve();
    await logged({ jobId: "evt_1" }, async () => {
      later = over.promise.then(() => log.info("the connection was lost"));
    });
    over.resolve();
    await later;
    expect(last()).not.toHaveProperty("jobId");
  });

  const thrown = new Error(`cannot send ${LEGACY}`, { cause: new Error(LEGACY) });
  it.each<[string, object, string]>([
    ["a message", {}, `refused: ${LEGACY}`],
    ["a field", { reason: `refused: ${LEGACY}` }, "message"],
    ["a deep field", { request: { headers: [{ authorization: `Bearer ${LEGACY}` }] } }, "message"],
    ["text that is JSON itself", { body: JSON.stringify({ key: LEGACY }) }, "message"],
    ["an error", { err: thrown }, "message"],
    ["an error in another field", { fault: { message: thrown.message } }, "message"],
  ])("never has a secret that is held: in %s", (_where, fields, message) => {
    const { log, lines, last } = openLog();
    log.error({ jobId: "evt_1", ...fields }, message);
    expect(lines.join("")).not.toContain("acy-key");
    expect(lines.join("")).toMatch(/\n$/);
    expect(last()).toMatchObject({ level: "error", jobId: "evt_1" });
    expect(held.fingerprint()).toMatch(/^sha256:/);
  });

  it.each([
    ["a field's name", { [LEGACY]: true }],
    ["a number", { port: 1234567890 }],
  ])("is left out, and says so, where the secret is in %s", (_where, fields) => {
    const { log, lines, last } = openLog();
    log.error({ jobId: "evt_1", keyName: "billing", ...fields }, "message");
    expect(lines.join("")).not.toMatch(/acy-key|1234567890/);
    expect(last()).toMatchObject({ level: "error", jobId: "evt_1", keyName: "billing" });
    expect(last()).toHaveProperty("msg", "this line held a secret and was left out");
    expect(digits.fingerprint()).toMatch(/^sha256:/);
  });
});

describe("a line on a terminal", () => {
  it("says the same to people, without secrets", async () => {
    const { log, lines } = openLog(await prettyLines());
    log.error({ keyName: "billing", err: new Error(LEGACY) }, `refused: ${LEGACY}`);
    const shown = lines.join("");
    expect(shown).toContain("ERROR");
    expect(shown).toContain("refused: [hidden]");
    expect(shown).toContain("billing");
    expect(shown).not.toContain("acy-key");
    expect(shown).toMatch(/\n$/);
  });
});
