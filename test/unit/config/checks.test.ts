/** The sections of checks: what they take, what they refuse, and that no secret of theirs can be seen. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { checksSection, windowsFit } from "../../../src/config/checks/checks.ts";

const parsed = (yaml: string) => checksSection.safeParse(parse(yaml));

function checkOf(fields: string) {
  const { data, error } = parsed(`[{ name: errors, ${fields} }]`);
  if (error) throw new Error(z.prettifyError(error));
  return data[0];
}

/** Each fault as `field: message`. */
function faultsOf(yaml: string): string[] {
  const { error } = parsed(yaml);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}
const faultsIn = (fields: string) => faultsOf(`[{ name: errors, ${fields} }]`);

const PROBE = "type: http, url: https://billing.internal/healthz";
const QUERY = "type: prometheus, url: http://prometheus:9090, query: up, below: 1";
const COMMAND = "type: command, run: [/usr/local/bin/look, billing]";

describe("every check", () => {
  it("is looked at twice a minute for a quarter of an hour, and only tells, unless it says otherwise", () => {
    expect(checkOf(PROBE)).toEqual({
      type: "http",
      name: "errors",
      windowMs: 900_000,
      everyMs: 30_000,
      onFailure: "alert",
      failsAfter: { looks: 3, lastingMs: 0 },
      url: "https://billing.internal/healthz",
      expectStatus: { from: 200, to: 299 },
      token: null,
    });
    expect(checkOf(`${PROBE}, window: 1h, every: 5s, onFailure: rollback, failures: 5`)).toMatchObject({
      windowMs: 3_600_000,
      everyMs: 5_000,
      onFailure: "rollback",
      failsAfter: { looks: 5 },
    });
  });

  it.each([
    [`${PROBE}, window: 59s`, "0.window: must be a duration from 1m to 24h, such as 30m"],
    [`${PROBE}, every: 4s`, "0.every: must be a duration from 5s to 10m, such as 1m"],
    [`${PROBE}, every: 11m`, "0.every: must be a duration from 5s to 10m, such as 1m"],
    [`${PROBE}, onFailure: panic`, "0.onFailure: must be one of alert, rollback"],
    [`${PROBE}, failures: 0`, "0.failures: must be a whole number from 1 to 20"],
    [`${PROBE}, evrey: 5s`, "0: is not a known field; did you mean every?"],
    ["type: nothing", "0.type: must be one of http, prometheus, command"],
  ])("is refused with { %s }", (fields, fault) => {
    expect(faultsIn(fields)).toEqual([expect.stringContaining(fault)]);
  });

  it("has a name of its own", () => {
    expect(faultsOf(`[{ name: a, ${PROBE} }, { name: b, ${PROBE} }, { name: a, ${QUERY} }]`)).toEqual([
      "2.name: is also the name of checks[0]; every check of a key needs its own",
    ]);
  });

  it("has its window within the grace", () => {
    const key = z.object({ rotation: z.unknown(), checks: z.unknown() }).superRefine(windowsFit);
    const faults = (graceSeconds: number, windowMs: number) =>
      key
        .safeParse({ rotation: { graceSeconds }, checks: [{ windowMs }, {}] })
        .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    expect(faults(900, 900_000)).toBeUndefined();
    expect(faults(840, 900_000)).toEqual([
      "checks.0.window: is longer than rotation.grace (14m), after which the former secret is dead; lower window or raise grace",
    ]);
    expect(key.safeParse({ rotation: "?", checks: 7 }).success).toBe(true);
  });
});

describe("a check of type http", () => {
  it("takes a status or a range of them", () => {
    expect(checkOf(`${PROBE}, expectStatus: 204`)).toMatchObject({ expectStatus: { from: 204, to: 204 } });
    expect(checkOf(`${PROBE}, expectStatus: 200-399`)).toMatchObject({
      expectStatus: { from: 200, to: 399 },
    });
  });

  it.each([
    [`${PROBE}, expectStatus: 600`, "0.expectStatus: must be a status such as 204"],
    [`${PROBE}, expectStatus: 299-200`, "0.expectStatus: must be a status such as 204"],
    ["type: http", "0.url: is missing; it must be an https:// or http:// address"],
    ["type: http, url: ftp://billing/", "0.url: must be an https:// or http:// address"],
    ["type: http, url: https://me:canary@billing/", "0.url: must be an https:// or http:// address"],
    [`${PROBE}, token: short`, "0.token: must be 16 to 512 printable characters without spaces"],
  ])("is refused with { %s }", (fields, fault) => {
    expect(faultsIn(fields)).toEqual([expect.stringContaining(fault)]);
  });

  it("hides its token", () => {
    expect(inspect(checkOf(`${PROBE}, token: canary-token-sixteen`), { depth: 9 })).not.toContain("canary");
  });
});

describe("a check of type prometheus", () => {
  it("fails after a minute beyond its threshold unless it says otherwise", () => {
    expect(checkOf(QUERY)).toMatchObject({
      bad: { is: "below", threshold: 1 },
      failsAfter: { looks: 1, lastingMs: 60_000 },
    });
    const above = "type: prometheus, url: http://p:9090, query: up, above: '-0.5', for: 0";
    expect(checkOf(above)).toMatchObject({
      bad: { is: "above", threshold: -0.5 },
      failsAfter: { looks: 1, lastingMs: 0 },
    });
  });

  it.each([
    ["type: prometheus, url: http://p:9090, query: up", "0.above: is missing, and so is below; give one"],
    [`${QUERY}, above: 1`, "0.below: is given, and so is above; give one of them"],
    [`${QUERY}, for: 15m`, "0.for: must be shorter than window"],
    ["type: prometheus, url: http://p:9090, query: up, above: many", "0.above: must be a number such as"],
    ["type: prometheus, url: http://p:9090, query: up, above: .inf", "0.above: must be a number such as"],
    ["type: prometheus, url: http://p:9090, query: '', above: 1", "0.query: must be a PromQL query"],
  ])("is refused with { %s }", (fields, fault) => {
    expect(faultsIn(fields)).toEqual([expect.stringContaining(fault)]);
  });
});

describe("a check of type command", () => {
  it("has 20 seconds, and gets nothing of the environment that it does not name", () => {
    expect(checkOf(COMMAND)).toMatchObject({
      run: ["/usr/local/bin/look", "billing"],
      env: [],
      timeoutMs: 20_000,
      failsAfter: { looks: 3, lastingMs: 0 },
    });
    expect(checkOf(`${COMMAND}, env: [AWS_REGION]`)).toMatchObject({ env: ["AWS_REGION"] });
  });

  it.each([
    ["type: command, run: look billing", "0.run: must be a list"],
    ["type: command, run: [./look]", "0.run.0: must be a program"],
    [`${COMMAND}, env: AWS_REGION`, "0.env: must be a list of names"],
    [`${COMMAND}, env: [A=b]`, "0.env.0: must be the name of a variable"],
    [`${COMMAND}, env: [ADMIN_TOKEN]`, "none that holds the rotator's own secrets"],
    [`${COMMAND}, timeout: 2m`, "0.timeout: must be a duration from 1s to 1m"],
  ])("is refused with { %s }", (fields, fault) => {
    expect(faultsIn(fields)).toEqual([expect.stringContaining(fault)]);
  });
});
