/** Why a command got no answer, as `fetch` itself says it. */
import { describe, expect, it } from "vitest";
import { BAD_PORT, fetchFault, TIMEOUT } from "../../../src/cli/fetch-fault.ts";
import { whyUnreached } from "../../../src/cli/service.ts";
import { freePort } from "../../support/owned-process.ts";

/** What `fetch` throws. */
async function thrownBy(url: string, options: RequestInit = {}): Promise<unknown> {
  return fetch(url, options).then(
    () => expect.fail(`${url} answered`),
    (error: unknown) => error,
  );
}

describe("what keeps an answer away", () => {
  it("is named by its code, by our own words where it has none", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(fetchFault(await thrownBy(url))).toBe("ECONNREFUSED");
    expect(fetchFault(await thrownBy(url, { signal: AbortSignal.timeout(0) }))).toBe(TIMEOUT);
    expect(fetchFault(await thrownBy("http://127.0.0.1:6000"))).toBe(BAD_PORT);
    expect(fetchFault(new Error("canary"))).toBe("NO ANSWER");
  });
});

describe("a command that the service does not answer", () => {
  const admin = { host: "0.0.0.0", port: 19_090, tls: { certFile: "/tls.crt", keyFile: "/tls.key" } };

  it.each([
    [
      "ECONNREFUSED",
      /does not answer at https:\/\/127\.0\.0\.1:19090 \(ECONNREFUSED\): is it running, .*ADMIN_PORT/,
    ],
    [TIMEOUT, /at https:\/\/127\.0\.0\.1:19090 did not answer within 20 s: look at its log/],
    [BAD_PORT, /browsers refuse the port 19090, and so do these commands: set another ADMIN_PORT/],
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      /does not prove who it is \(DEPTH_ZERO_SELF_SIGNED_CERT\): .*NODE_EXTRA_CA_CERTS/,
    ],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /does not prove who it is .*certificate must be for 127\.0\.0\.1/],
    ["CERT_HAS_EXPIRED", /does not prove who it is \(CERT_HAS_EXPIRED\): renew its certificate, and restart/],
    // The service speaks plain HTTP: no authority mends that.
    [
      "ERR_SSL_WRONG_VERSION_NUMBER",
      /\(ERR_SSL_WRONG_VERSION_NUMBER\): .* listeners\.admin\.tls the same here/,
    ],
  ])("because of %s says so, and what to do", (fault, says) => {
    expect(whyUnreached(fault, admin)).toMatch(says);
  });
});
