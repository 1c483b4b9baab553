/** The scripts of docs/checks: what they ask for, and what they make of the answers of `aws` and `curl`. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { commandCheck } from "../../../src/checks/command.ts";

const SCRIPTS = resolve(import.meta.dirname, "../../../docs/checks");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "check-scripts-"));
  await program("sleep", "exit 0");
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that stands in for the real one: it writes its arguments down, one a line. */
async function program(name: string, body: string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\nprintf '%s\\n' "$@" >> "${folder}/${name}.asked"\n${body}\n`);
  await chmod(path, 0o755);
}

const asked = async (name: string) => (await readFile(join(folder, `${name}.asked`), "utf8")).split("\n");

/** Runs a script as the rotator does. */
function look(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = {
    name: "logs",
    windowMs: 900_000,
    everyMs: 30_000,
    onFailure: "alert",
    failsAfter: { looks: 3, lastingMs: 0 },
    run: [join(SCRIPTS, script), ...args] as const,
    env: Object.keys(env),
    timeoutMs: 20_000,
  } as const;
  const given = { PATH: `${folder}:${process.env["PATH"]}`, ...env };
  return commandCheck(options, { keyName: "billing", clock: systemClock, env: given }).look();
}

describe("cloudwatch-logs.sh", () => {
  /** @param results what the query gives, one answer after the other */
  const aws = (...results: readonly string[]) =>
    program(
      "aws",
      `[ "$2" = start-query ] && { echo 12ab-34; exit 0; }
       count=$(grep -c get-query-results "${folder}/aws.asked")
       ${results.map((line, index) => `[ "$count" = ${index + 1} ] && { printf '${line}\\n'; exit 0; }`).join("\n")}
       exit 255`,
    );
  const count = () => look("cloudwatch-logs.sh", ["/ecs/billing", "invalid_token", "3"]);

  it.each([
    ["Complete\\tNone", "good", "0 lines"],
    ["Complete\\t3", "good", "3 lines"],
    ["Complete\\t4", "bad", "4 lines with invalid_token in /ecs/billing within 120 s"],
    ["Complete\\tmany", "unknown", "many lines"],
    ["Failed\\tNone", "unknown", "ended as Failed"],
    ["Timeout\\tNone", "unknown", "ended as Timeout"],
  ])("makes of %s: %s", async (answer, state, says) => {
    await aws(answer);
    expect(await count()).toEqual({ state, says: expect.stringContaining(says) });
  });

  it("waits for a query that still runs, and not for ever", async () => {
    await aws("Scheduled\\tNone", "Running\\t9", "Complete\\t1");
    expect(await count()).toMatchObject({ state: "good", says: expect.stringContaining("1 lines") });
    await rm(join(folder, "aws.asked"));
    await aws(...Array.from({ length: 20 }, () => "Running\\tNone"));
    expect(await count()).toMatchObject({
      state: "unknown",
      says: expect.stringContaining("not done in time"),
    });
  });

  it("asks for the last two minutes of its log group, for the lines with its pattern", async () => {
    await aws("Complete\\t0");
    await count();
    const given = await asked("aws");
    const after = (name: string) => given[given.indexOf(name) + 1] ?? "";
    expect(after("--log-group-name")).toBe("/ecs/billing");
    expect(Number(after("--end-time")) - Number(after("--start-time"))).toBe(120);
    expect(after("--query-string")).toBe("filter @message like /invalid_token/ | stats count(*) as lines");
    expect(after("--query-id")).toBe("12ab-34");
  });

  it("finds nothing out where aws may not", async () => {
    await program("aws", 'echo "AccessDeniedException" >&2; exit 254');
    expect(await count()).toMatchObject({ state: "unknown" });
  });
});

describe("loki.sh", () => {
  const QUERY = 'sum(count_over_time({app="billing"} |= "invalid_token" [2m]))';
  const vector = (...values: readonly string[]) =>
    JSON.stringify({
      status: "success",
      data: {
        resultType: "vector",
        result: values.map((value) => ({ metric: {}, value: [1_795_262_400, value] })),
      },
    });
  const curl = async (answer: string) => {
    await writeFile(join(folder, "answer"), answer);
    await program("curl", `cat "${folder}/answer"`);
  };
  const count = (env: Readonly<Record<string, string>> = {}) =>
    look("loki.sh", [QUERY, "3"], { LOKI_URL: "http://loki:3100", ...env });

  it.each([
    [vector(), "good", "gives 0"],
    [vector("3"), "good", "gives 3"],
    [vector("3.5"), "bad", "gives 4"],
    [vector("2", "2"), "bad", "gives 4, and 3 may be"],
    [vector("many"), "unknown", "exited with 2"],
    ['{"status":"error"}', "unknown", "exited with 2"],
    ['{"status":"success","data":{"resultType":"streams","result":[]}}', "unknown", "exited with 2"],
    ["<html>", "unknown", "exited with 2"],
    ["", "unknown", "exited with 2"],
  ])("makes of %s: %s", async (answer, state, says) => {
    await curl(answer);
    expect(await count()).toEqual({ state, says: expect.stringContaining(says) });
  });

  it("asks Loki its query, and sends headers from a file, so that no token is in the process list", async () => {
    await curl(vector());
    await count();
    expect(await asked("curl")).toEqual(
      expect.arrayContaining(["--get", "http://loki:3100/loki/api/v1/query", `query=${QUERY}`]),
    );
    expect(await asked("curl")).not.toContain("--header");
    await count({ LOKI_HEADERS: "/run/secrets/loki headers" });
    expect(await asked("curl")).toEqual(expect.arrayContaining(["--header", "@/run/secrets/loki headers"]));
  });

  it("finds nothing out where Loki does not answer", async () => {
    await program("curl", "exit 22");
    expect(await count()).toMatchObject({ state: "unknown" });
  });
});
