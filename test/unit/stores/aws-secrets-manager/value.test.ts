import { describe, expect, it } from "vitest";
import {
  secretIn,
  shapeOf,
  withFields,
  withSecret,
} from "../../../../src/stores/aws-secrets-manager/value.ts";

const KEY = "pdl_live_apikey_01k00000000000000000000000_aaaaaaaaaaaaaaaaaaaaaa_aBc";
const OPTIONS = {
  secret: "s",
  region: null,
  endpoint: null,
  role: null,
  shape: "auto",
  field: "api_key",
  fields: { active: "ACTIVE", old: "OLD", pending: "PENDING", standby: "STANDBY" },
} as const;

describe("a value", () => {
  it.each([
    [null, "versions"],
    [KEY, "versions"],
    [`${KEY}\n`, "versions"],
    [" ", "versions"],
    ['{"api_key":""}', "versions"],
    ['{"STANDBY":"x"}', "fields"],
    ['{"ACTIVE_NOTES":"{}"}', "fields"],
    ['{"api_key":"x","ACTIVE":"y"}', "fields"],
    ["{}", null],
    ['{"password":"x"}', null],
    ["hunter2", null],
    ["12345", null],
    ['["pdl_live"]', null],
    ['{"api_key":', null],
  ])("tells its shape, or does not: %s", (text, shape) => {
    expect(shapeOf(text, OPTIONS)).toBe(shape);
  });

  it.each([
    [KEY, KEY],
    [` ${KEY}\r\n`, KEY],
    [`{"api_key":"${KEY}"}`, KEY],
    ['{"api_key":""}', null],
    ['{"api_key":null}', null],
    ["{}", null],
    [" ", null],
    ["12345", "12345"],
    ['{"api_key":1}', undefined],
    ['{"api_key":{"a":1}}', undefined],
  ])("holds a secret, none, or something else: %s", (text, secret) => {
    expect(secretIn(text, "api_key")).toBe(secret);
  });

  it("keeps all else when its secret changes", () => {
    const text =
      '{"z":1.0,"api_key":"x","__proto__":{"a":1e2},"n":12345678901234567890,"ü":"\\ud83d\\udd11"}';
    expect(withSecret(text, "api_key", "y")).toBe(
      '{"z":1.0,"api_key":"y","__proto__":{"a":1e2},"n":12345678901234567890,"ü":"🔑"}',
    );
    expect(withFields("{}", { a: "1" })).toBe('{"a":"1"}');
  });

  it("stays plain where it was plain, also without a secret, for AWS takes no empty one", () => {
    expect(withSecret(KEY, "api_key", "y")).toBe("y");
    expect(withSecret(KEY, "api_key", null)).toBe(" ");
    expect(secretIn(withSecret(KEY, "api_key", null), "api_key")).toBeNull();
  });
});
