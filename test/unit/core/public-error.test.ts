/** What people may see of an error that somebody else's code threw: never its words. */
import { describe, expect, it } from "vitest";
import { ConfigError, StoreError } from "../../../src/core/errors.ts";
import { describeError, publicError } from "../../../src/core/public-error.ts";

const SECRET = "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";

/** As a client throws it that quotes what it was given. */
function quoting(more: object = {}): Error {
  return Object.assign(new Error(`cannot send "Bearer ${SECRET}"\n    at ${SECRET} (header:1:1)`), more);
}

describe("one line about an error", () => {
  it("is the message of our own, which is written to be read", () => {
    const error = new StoreError("./billing.env is not writable", { effect: "none", retry: "later" });
    expect(describeError(error)).toBe("./billing.env is not writable");
  });

  it("is the message about the configuration, which lists its faults", () => {
    const fault = "listeners.public.tls.certFile names a file that does not exist";
    expect(describeError(new ConfigError(fault))).toBe(fault);
  });

  it.each(["Connection is closed.", "timeout exceeded when trying to connect"])(
    "is the queue client's message that quotes nothing: %s",
    (message) => {
      expect(describeError(new Error(message))).toBe(message);
    },
  );

  it.each([
    ["ECONNREFUSED", "ECONNREFUSED"],
    ["57P03", "57P03"],
    [-2, "-2"],
  ])("is its class and its code where it has one: %s", (code, shown) => {
    expect(describeError(quoting({ code, name: "TypeError" }))).toBe(`TypeError (${shown})`);
  });

  it("is the word that a Redis error begins with", () => {
    const error = Object.assign(new Error(`READONLY you sent ${SECRET}`), { name: "ReplyError" });
    expect(describeError(error)).toBe("ReplyError (READONLY)");
  });

  it("is the place in the code where nothing else is known", () => {
    expect(describeError(quoting())).toMatch(/^Error in public-error\.test\.ts:\d+(:\d+)?$/);
  });

  it("is its class alone where it has no stack", () => {
    expect(describeError(quoting({ stack: undefined }))).toBe("Error");
  });

  it.each([
    ["text", SECRET, "a thrown string"],
    ["nothing", null, "a thrown null"],
    ["an object", { secret: SECRET }, "a thrown object"],
  ])("says no more than what kind of thing was thrown: %s", (_what, thrown, says) => {
    expect(describeError(thrown)).toBe(says);
  });
});

describe("an error that is shown", () => {
  it.each([
    ["in its message", quoting()],
    ["in its code", quoting({ code: SECRET })],
    ["in its cause", new Error("failed", { cause: quoting() })],
    ["in a field", Object.assign(new Error("failed"), { request: { authorization: SECRET } })],
    ["in a message that was changed after the stack was made", changed("failed")],
    ["in a message that was emptied after the stack was made", changed("")],
    ["in a message that was shortened after the stack was made", changed("cannot")],
  ])("never shows a secret that the other one had %s", (_where, error) => {
    const shown = publicError(error);
    const all = [describeError(error), shown.message, shown.stack, JSON.stringify(shown), shown.cause];
    expect(all.join()).not.toContain(SECRET.slice(-26));
    expect(Object.keys(shown)).not.toContain("request");
  });

  it("keeps the class and the places in the code, for whoever mends it", () => {
    const shown = publicError(Object.assign(quoting(), { name: "FetchError" }));
    expect(shown.name).toBe("FetchError");
    expect(shown.stack).toMatch(/^FetchError: .*\n {4}at quoting \(/);
  });

  it("never throws, whatever was thrown", () => {
    for (const thrown of [undefined, null, 1, "text", Symbol("x"), () => {}, Object.create(null)])
      expect(publicError(thrown)).toBeInstanceOf(Error);
  });
});

/** Its stack has words that its message has no more. */
function changed(message: string): Error {
  const error = quoting();
  expect(error.stack).toContain(SECRET); // The words are put down when somebody looks first.
  error.message = message;
  return error;
}
