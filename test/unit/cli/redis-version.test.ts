/** Which Redis is too old: versions are compared number by number. */
import { expect, it } from "vitest";
import { isOlder } from "../../../src/cli/check/queue-redis.ts";

it.each([
  ["6.1.99", true],
  ["6.2.0", false],
  ["6.2.14", false],
  ["6.10.1", false],
  ["5.0.14", true],
  ["7.0.15", false],
  ["10.0.0", false],
])("Redis %s is older than 6.2.0: %s", (version, older) => {
  expect(isOlder(version, "6.2.0")).toBe(older);
});
