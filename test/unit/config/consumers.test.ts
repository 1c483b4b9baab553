/** The sections of consumers: what they take, what they refuse, and that no secret of theirs can be seen. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { consumersSection } from "../../../src/config/consumers/consumers.ts";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

const parsed = (yaml: string) => consumersSection("/srv/rotator").safeParse(parse(yaml));

function consumerOf(fields: string) {
  const { data, error } = parsed(`[{ name: billing, ${fields} }]`);
  if (error) throw new Error(z.prettifyError(error));
  return data[0];
}

/** Each fault as `field: message`. */
function faultsOf(yaml: string): string[] {
  const { error } = parsed(yaml);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}
const faultsIn = (fields: string) => faultsOf(`[{ name: billing, ${fields} }]`);

describe("every consumer", () => {
  it("has 5 minutes to take the new secret and 10 for its roll-out unless it says otherwise", () => {
    expect(consumerOf("type: none")).toEqual({
      type: "none",
      name: "billing",
      refreshMs: 300_000,
      timeoutMs: 600_000,
      attest: null,
    });
    expect(consumerOf("type: none, refresh: 0, timeout: 1h")).toMatchObject({
      refreshMs: 0,
      timeoutMs: 3_600_000,
    });
  });

  it.each([
    ["type: none, refresh: 25h", "0.refresh: must be a duration from 0 to 24h, such as 5m"],
    ["type: none, timeout: 0", "0.timeout: must be a duration from 1s to 6h, such as 10m"],
    ["type: none, timeout: 7h", "0.timeout: must be a duration from 1s to 6h, such as 10m"],
    ["type: none, refrehs: 5m", "0: is not a known field; did you mean refresh?"],
    ["type: nobody", "0.type: must be one of"],
    ["refresh: 5m", "0.type: must be one of"],
    [
      "type: none, attest: { token: short, expect: 2 }",
      "0.attest.token: must be 16 to 512 printable characters without spaces",
    ],
    [
      "type: none, attest: { token: sixteen-characters, expect: 0 }",
      "0.attest.expect: must be a whole number from 1 to 1000",
    ],
    ["type: none, attest: { token: sixteen-characters }", "0.attest.expect: is missing"],
  ])("is refused with { %s }", (fields, fault) => {
    expect(faultsIn(fields)).toEqual([expect.stringContaining(fault)]);
  });

  it("has a name of its own", () => {
    expect(faultsOf("[{ name: a, type: none }, { name: b, type: none }, { name: a, type: none }]")).toEqual([
      "2.name: is also the name of consumers[0]; every consumer of a key needs its own",
    ]);
    expect(faultsOf("[{ name: Billing, type: none }]")[0]).toContain("0.name: must be 1 to 63 of a-z");
  });

  it("may have instances that attest, with a token that cannot be seen", () => {
    const consumer = consumerOf("type: none, attest: { token: canary-canary-canary, expect: 3 }");
    expect(consumer?.attest).toMatchObject({ expect: 3 });
    expect(consumer?.attest?.token.reveal()).toBe("canary-canary-canary");
    expect(inspect(consumer, { depth: null, showHidden: true })).not.toContain("canary-");
    expect(JSON.stringify(consumer)).not.toContain("canary-");
  });
});

describe("a consumer of type http", () => {
  it("is told, asked, or both", () => {
    const notify = `notify: "https://billing.internal/reload", secret: "${SECRET}"`;
    const verify = 'verify: "http://billing.internal/key"';
    expect(consumerOf(`type: http, ${notify}`)).toMatchObject({
      notify: { url: "https://billing.internal/reload" },
      verify: null,
      expect: null,
      allow: null,
    });
    expect(consumerOf(`type: http, ${verify}`)).toMatchObject({
      notify: null,
      verify: { url: "http://billing.internal/key", token: null },
    });
    expect(
      consumerOf(
        `type: http, ${notify}, ${verify}, token: canary-canary-canary, expect: 3, allow: [10.0.0.0/8]`,
      ),
    ).toMatchObject({ expect: 3, allow: ["10.0.0.0/8"] });
  });

  it("shows neither its signing secret nor its token", () => {
    const fields = `notify: "https://b/reload", secret: "${SECRET}", verify: "https://b/key", token: canary-canary-canary`;
    const consumer = consumerOf(`type: http, ${fields}`);
    const seen = inspect(consumer, { depth: null, showHidden: true }) + JSON.stringify(consumer);
    expect(seen).not.toMatch(/canary|AQEBAQ/);
  });

  it.each([
    ["", "0.notify: is missing, and so is verify"],
    ['notify: "https://b/r"', "0.secret: is missing; notifications are signed with it"],
    [`verify: "https://b/k", secret: "${SECRET}"`, "0.secret: signs notifications, but there is no notify"],
    [`notify: "https://b/r", secret: "${SECRET}", expect: 2`, "0.expect: is for what verify answers"],
    [
      `notify: "https://b/r", secret: "${SECRET}", token: sixteen-characters`,
      "0.token: is for what verify answers",
    ],
    ['verify: "ftp://b/k"', "0.verify: must be an https:// or http:// address"],
    ['verify: "https://user:canary@b/k"', "0.verify: must be an https:// or http:// address"],
    ['verify: "https://b/k#x"', "0.verify: must be an https:// or http:// address"],
    ["verify: /key", "0.verify: must be an https:// or http:// address"],
    ['verify: "https://b/k", allow: []', "0.allow: must be a list of networks with at least one"],
    ['verify: "https://b/k", allow: [10.0.0.1]', "0.allow.0: must be a network such as 10.0.0.0/8"],
    ['verify: "https://b/k", allow: [10.0.0.0/33]', "0.allow.0: must be a network such as 10.0.0.0/8"],
    ['verify: "https://b/k", allow: ["fd00::/129"]', "0.allow.0: must be a network such as 10.0.0.0/8"],
    ['verify: "https://b/k", expect: 1001', "0.expect: must be a whole number from 1 to 1000"],
  ])("is refused with { %s }", (fields, fault) => {
    const faults = faultsIn(`type: http, ${fields}`);
    expect(faults).toEqual([expect.stringContaining(fault)]);
    expect(faults.join()).not.toContain("canary");
  });

  it.each([
    "canary",
    "whsec_",
    "whsec_canary==",
    `whsec_${Buffer.alloc(23).toString("base64")}`,
    `whsec_${Buffer.alloc(65).toString("base64")}`,
    SECRET.replace("whsec_", ""),
    `${SECRET}\\n`,
  ])("refuses a signing secret that is not as Standard Webhooks has it, without repeating it: %j", (bad) => {
    expect(faultsIn(`type: http, notify: "https://b/r", secret: "${bad}"`)).toEqual([
      "0.secret: must be whsec_ and 24 to 64 bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)",
    ]);
  });
});

describe("a consumer of type command", () => {
  it("is a program with its arguments, and perhaps one that looks", () => {
    expect(consumerOf("type: command, run: [/usr/bin/systemctl, reload, billing]")).toMatchObject({
      run: ["/usr/bin/systemctl", "reload", "billing"],
      verify: null,
    });
    expect(consumerOf("type: command, run: [reload-billing], verify: [look-at-billing, -v]")).toMatchObject({
      run: ["reload-billing"],
      verify: ["look-at-billing", "-v"],
    });
  });

  it("gets nothing of the environment that it does not name", () => {
    expect(consumerOf("type: command, run: [reload]")).toMatchObject({ env: [] });
    expect(consumerOf("type: command, run: [reload], env: [AWS_REGION]")).toMatchObject({
      env: ["AWS_REGION"],
    });
  });

  it.each([
    ["", "0.run: is missing; it must be a list: a program"],
    ["run: reload-billing", "0.run: must be a list: a program"],
    ["run: []", "0.run"],
    ["run: [./reload]", "0.run.0: must be a program: an absolute path"],
    ['run: [""]', "0.run.0: must be a program: an absolute path"],
    ["run: [reload, 5]", "0.run.1: must be text (in quotes if it is a number)"],
    ['run: [reload, "a\\0b"]', "0.run.1: must be text without NUL"],
    ["run: [reload], verify: [bin/look]", "0.verify.0: must be a program: an absolute path"],
    ["run: [reload], env: AWS_REGION", "0.env: must be a list of names"],
    ["run: [reload], env: [A=b]", "0.env.0: must be the name of a variable"],
    ["run: [reload], env: [ADMIN_TOKEN]", "none that holds the rotator's own secrets"],
    ["run: [reload], env: [ADMIN_VIEWER_TOKEN]", "none that holds the rotator's own secrets"],
  ])("is refused with { %s }", (fields, fault) => {
    expect(faultsIn(`type: command, ${fields}`)).toEqual([expect.stringContaining(fault)]);
  });
});
