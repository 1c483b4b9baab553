/** Queries, as Prometheus answers them: which values are bad, and what is no answer at all. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { prometheusCheck, type PrometheusOptions } from "../../../src/checks/prometheus.ts";
import { Secret } from "../../../src/core/secret.ts";
import { PrometheusFake } from "../../support/checks/prometheus-fake.ts";

const TOKEN = "canary-prometheus-token";
const QUERY = 'sum(rate(paddle_errors_total{code="invalid_token"}[2m])) > -1';

let fake: PrometheusFake;
beforeEach(async () => {
  fake = await PrometheusFake.open();
});
afterEach(() => fake[Symbol.asyncDispose]());

function look(options: Partial<PrometheusOptions> = {}, deadlineMs = 5_000) {
  const check = prometheusCheck(
    {
      name: "errors",
      windowMs: 900_000,
      everyMs: 30_000,
      onFailure: "rollback",
      failsAfter: { looks: 1, lastingMs: 60_000 },
      url: fake.url,
      query: QUERY,
      bad: { is: "above", threshold: 0.05 },
      token: null,
      ...options,
    },
    { clock: systemClock },
    { deadlineMs },
  );
  return check.look();
}

describe("a value", () => {
  it.each([
    ["0.04", "above", "good"],
    ["0.05", "above", "good"],
    ["0.050001", "above", "bad"],
    ["+Inf", "above", "bad"],
    ["-Inf", "above", "good"],
    ["1e-1", "above", "bad"],
    ["0.04", "below", "bad"],
    ["0.05", "below", "good"],
    ["-Inf", "below", "bad"],
    ["NaN", "above", "unknown"],
    ["NaN", "below", "unknown"],
    ["", "below", "unknown"],
    ["many", "below", "unknown"],
  ] as const)("of %s where %s 0.05 is bad is %s", async (value, is, state) => {
    fake.gives(QUERY, value);
    expect(await look({ bad: { is, threshold: 0.05 } })).toMatchObject({ state });
  });

  it("is told to people together with the threshold", async () => {
    fake.gives(QUERY, "0.31");
    expect(await look()).toEqual({ state: "bad", says: "The query gives 0.31, which is above 0.05." });
  });

  it("may come as a scalar", async () => {
    fake.answers.set(QUERY, { resultType: "scalar", result: [1, "0.31"] });
    expect(await look()).toMatchObject({ state: "bad" });
  });
});

describe("several series", () => {
  it.each([
    [["0.01", "0.31", "0.02"], "above", "bad"],
    [["0.01", "0.02"], "above", "good"],
    [["1", "0.01"], "below", "bad"],
    [["NaN", "0.31"], "above", "bad"],
    [["NaN", "0.01"], "above", "unknown"],
    [["NaN", "NaN"], "above", "unknown"],
  ] as const)("%j are as bad as the worst of them where %s is bad: %s", async (values, is, state) => {
    fake.gives(QUERY, ...values);
    expect(await look({ bad: { is, threshold: 0.05 } })).toMatchObject({ state });
  });
});

describe("what is no answer", () => {
  const says = async (what: string, options: Partial<PrometheusOptions> = {}) => {
    expect(await look(options)).toEqual({ state: "unknown", says: expect.stringContaining(what) });
  };

  it("is an empty result: nothing was measured", async () => {
    fake.gives(QUERY);
    await says("no series matches");
  });

  it.each(["string", "matrix"] as const)("is a %s", async (resultType) => {
    fake.answers.set(
      QUERY,
      resultType === "string" ? { resultType, result: [1, "9"] } : { resultType, result: [] },
    );
    await says(`a ${resultType}`);
  });

  it("is a query that cannot be parsed", async () => {
    await says("Prometheus answered 400 (bad_data); check query", { query: "sum(" });
  });

  it("is a native histogram among the series", async () => {
    fake.answers.set(QUERY, { resultType: "vector", result: [{ metric: {}, histogram: [1, {}] }] });
    await says("NaN");
  });

  it.each([
    [503, '{"status":"error","errorType":"timeout","error":"query timed out"}', "503 (timeout)"],
    [500, "oops", "answered 500; check url"],
    [403, "no", "check token"],
    [302, "", "redirects are not followed"],
    [200, "<html>", "not one of the Prometheus HTTP API"],
    [200, '{"status":"success","data":{}}', "not one of the Prometheus HTTP API"],
    [400, `{"status":"error","errorType":"${"x".repeat(5_000)}","error":""}`, "Prometheus answered 400"],
  ])("is the status %i with %s", async (status, body, what) => {
    fake.instead = (response) => response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body);
    await says(what);
    const { says: words } = await look();
    expect(words.length).toBeLessThan(400);
    expect(fake.asked.every((line) => line === "GET /api/v1/query")).toBe(true);
  });

  it("is a page without end", async () => {
    fake.instead = (response) => response.end("x".repeat(300_000));
    await says("cannot be asked");
  });

  it("is silence, after which nobody waits any longer", async () => {
    fake.instead = () => {};
    expect(await look({}, 50)).toEqual({ state: "unknown", says: expect.stringContaining("DEADLINE") });
  });

  it("is a server that is not there", async () => {
    await fake[Symbol.asyncDispose]();
    await says("ECONNREFUSED");
    fake = await PrometheusFake.open();
  });

  it("is an address of cloud metadata: it is not asked", async () => {
    await says("cloud metadata", { url: "http://169.254.169.254/" });
  });
});

describe("a Prometheus behind a proxy", () => {
  it("is asked below its path, with the token, which nobody gets to see", async () => {
    await using proxied = await PrometheusFake.open({ token: TOKEN, prefix: "/prometheus" });
    proxied.gives(QUERY, "0.31");
    const token = new Secret(TOKEN);
    expect(await look({ url: `${proxied.url}/`, token })).toMatchObject({ state: "bad" });
    const wrong = await look({ url: proxied.url, token: new Secret(`${TOKEN}-old`) });
    expect(wrong).toEqual({ state: "unknown", says: "Prometheus answered 401; check token." });
    expect(JSON.stringify(wrong)).not.toContain("canary");
  });
});
