/** What is only passed on goes back as it came. */
import { expect, it } from "vitest";
import { parseExactly } from "../../../src/stores/exact-json.ts";

it.each([
  '{"a":1.0}',
  '{"a":[12345678901234567890,1e400,-0]}',
  '{"a":"1.0","b":null,"c":{"d":true}}',
  '{"__proto__":1}',
])("gives %s back as it was written", (text) => {
  expect(JSON.stringify(parseExactly(text))).toBe(text);
});
