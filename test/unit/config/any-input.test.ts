/** No file and no environment, however odd, ends in anything but a configuration or a ConfigError. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { Environment } from "../../../src/config/environment.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { type Given, read } from "./sources.ts";

/** Lines of the report; none: the configuration was accepted. Any other error passes through. */
function linesOf(given: Given): string[] {
  try {
    read(given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").slice(1);
    throw error;
  }
}

function expectReport(given: Given): void {
  for (const line of linesOf(given)) expect(line).toMatch(/^ {2}\S[^\p{Cc}]*: \S[^\p{Cc}]*$/u);
}

const WORDS = [
  ..."\n\t :-?[]{},#&*!|>'\"%@`$\\~=0\0\r\uFEFF\u2028\uD800".split(""),
  "\n  ",
  "\n    ",
  "- ",
  ": ",
  "---",
  "...",
  "<<: *a",
  "&a",
  "*a",
  "!!str ",
  "!!binary ",
  "%YAML 1.1\n---\n",
  "${HOME}",
  "${",
  "$${",
  "keys",
  "name",
  "store",
  "rotation",
  "lifetime",
  "grace",
  "window",
  "days",
  "timeZone",
  "02:00",
  "Europe/London",
  "variables",
  "env-file",
  "90d",
  "__proto__",
  "constructor",
  "null",
  ".nan",
  "1e999",
];

describe("no YAML file crashes the service or makes an unreadable report", () => {
  it("of any characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (yaml) => expectReport({ yaml })),
      { numRuns: 400 },
    );
  });

  it("of the signs and words that mean something to YAML and to us", () => {
    const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join(""));
    fc.assert(
      fc.property(soup, (yaml) => expectReport({ yaml })),
      { numRuns: 1500 },
    );
  });

  it("of our fields with any values", () => {
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(...WORDS),
      fc.double(),
      fc.constant(undefined),
    );
    const maybe = <T>(usual: T) => fc.oneof(fc.constant(usual), odd);
    const key = fc.record(
      {
        name: maybe("billing"),
        store: fc.oneof(
          fc.record({ type: maybe("env-file"), path: maybe("a.env"), variables: maybe({ active: "A" }) }),
          odd,
        ),
        rotation: fc.oneof(
          fc.record({
            every: maybe("30d"),
            renewBefore: maybe("7d"),
            lifetime: maybe("90d"),
            grace: maybe("1h"),
            window: maybe({ days: ["sat"], from: "02:00", to: "04:00", timeZone: "Europe/London" }),
            jitter: maybe("1h"),
          }),
          fc.record({
            window: fc.record({
              days: maybe(["sat"]),
              from: maybe("02:00"),
              to: maybe("04:00"),
              timeZone: maybe("Europe/London"),
            }),
          }),
          odd,
        ),
        standby: maybe({ store: { type: "env-file", path: "b.env" } }),
      },
      { requiredKeys: [] },
    );
    const file = fc.record({ keys: fc.oneof(fc.array(fc.oneof(key, odd), { maxLength: 4 }), odd) });
    fc.assert(
      fc.property(file, (data) => expectReport({ yaml: stringify(data) })),
      { numRuns: 400 },
    );
  });

  it("that refers to itself", () => {
    for (const yaml of [
      "keys: &a [*a]",
      "&a keys: *a",
      "keys: &a\n  - &b { name: *a, store: *b, rotation: *a }",
    ])
      expectReport({ yaml });
  });
});

describe("no environment crashes the service or makes an unreadable report", () => {
  it("of our variables with any values", () => {
    const names = Object.keys(Environment.shape).flatMap((name) => [name, `${name}_FILE`]);
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.constantFrom(...WORDS, "0", "-1", "redis://"),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (env) => expectReport({ env })),
      { numRuns: 400 },
    );
  });

  it("of any variables", () => {
    const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString"));
    fc.assert(fc.property(fc.dictionary(name, fc.string()), (env) => expectReport({ env })));
  });
});
