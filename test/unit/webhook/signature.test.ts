import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { verifyWebhook } from "../../../src/webhook/signature.ts";
import { NODE_VECTOR, VECTORS } from "./sdk-vectors.ts";

const SECRET = "pdl_ntfset_01kad0000000000000000000d1_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY";
const TS = 1_763_700_000;
const BODY = Buffer.from('{"event_id":"evt_01kac0000000000000000000a1"}');

/** On purpose not the signing code of the Paddle simulator: two witnesses are better than one. */
function hmac(secret: string, ts: number | string, body: Buffer): string {
  return createHmac("sha256", Buffer.from(secret, "utf8"))
    .update(Buffer.concat([Buffer.from(`${ts}:`), body]))
    .digest("hex");
}

function verify(options: {
  header: string;
  body?: Buffer;
  secrets?: readonly string[];
  toleranceMs?: number;
  now?: number;
}) {
  return verifyWebhook({
    rawBody: options.body ?? BODY,
    signatureHeader: options.header,
    secrets: (options.secrets ?? [SECRET]).map((text) => new Secret(text)),
    toleranceMs: options.toleranceMs ?? 5_000,
    now: options.now ?? TS * 1_000,
  });
}

const signed = (body = BODY, secret = SECRET, ts = TS) => `ts=${ts};h1=${hmac(secret, ts, body)}`;

describe("the signatures that Paddle's official SDKs publish", () => {
  it.each(VECTORS)("are accepted: $source", ({ header, body, secrets, ts }) => {
    const result = verify({ header, body: Buffer.from(body), secrets, now: ts * 1_000 });
    expect(result).toEqual({ kind: "verified", body: Buffer.from(body) });
  });

  it.each(VECTORS)("are refused with one byte more in the body: $source", ({ header, body, secrets, ts }) => {
    const result = verify({ header, body: Buffer.from(`${body} `), secrets, now: ts * 1_000 });
    expect(result).toEqual({ kind: "mismatch" });
  });

  it.each([
    [5, "verified"],
    [6, "outside-tolerance"],
  ])("are judged as the Node.js SDK does %i s after they were made: %s", (seconds, kind) => {
    const { header, body, secrets, ts } = NODE_VECTOR;
    const now = (ts + seconds) * 1_000;
    expect(verify({ header, body: Buffer.from(body), secrets, now }).kind).toBe(kind);
  });

  it.each([
    ["another secret", NODE_VECTOR.body, NODE_VECTOR.header, "INVALID_VALID_SECRET"],
    ["JSON that means the same", '{ "data": [ "1", "2" ]}', NODE_VECTOR.header, "VALID_SECRET"],
    [
      "a time that was not signed",
      NODE_VECTOR.body,
      NODE_VECTOR.header.replace("800;", "801;"),
      "VALID_SECRET",
    ],
  ])("are refused with %s", (_what, body, header, secret) => {
    const now = NODE_VECTOR.ts * 1_000;
    const result = verify({ header, body: Buffer.from(body), secrets: [secret], now });
    expect(result).toEqual({ kind: "mismatch" });
  });
});

describe("several signatures and several secrets", () => {
  const WRONG = "0".repeat(64);
  const right = hmac(SECRET, TS, BODY);

  it.each([1, 2, 3, 4, 5])("accepts a header with %i h1 wherever the right one stands", (count) => {
    for (let at = 0; at < count; at += 1) {
      const hashes = Array.from({ length: count }, (_, index) => (index === at ? right : WRONG));
      expect(verify({ header: `ts=${TS};${hashes.map((hash) => `h1=${hash}`).join(";")}` }).kind).toBe(
        "verified",
      );
    }
    const wrong = Array<string>(count).fill(`h1=${WRONG}`).join(";");
    expect(verify({ header: `ts=${TS};${wrong}` })).toEqual({ kind: "mismatch" });
  });

  it.each([0, 1, 2])("accepts what the secret at position %i of three signed", (at) => {
    const secrets = ["first", "second", "third"];
    expect(verify({ header: signed(BODY, secrets[at]), secrets }).kind).toBe("verified");
  });

  it("accepts a header in which a new secret's signature stands beside the old one's", () => {
    const header = `${signed(BODY, "old")};h1=${hmac("new", TS, BODY)}`;
    expect(verify({ header, secrets: ["new"] }).kind).toBe("verified");
    expect(verify({ header, secrets: ["old"] }).kind).toBe("verified");
    expect(verify({ header, secrets: ["other"] })).toEqual({ kind: "mismatch" });
  });

  it("takes the secret as UTF-8, whole, with its prefix", () => {
    const secret = "pdl_ntfset_ü+/=";
    expect(verify({ header: signed(BODY, secret), secrets: [secret] }).kind).toBe("verified");
    expect(verify({ header: signed(BODY, "ü+/="), secrets: [secret] })).toEqual({ kind: "mismatch" });
  });

  it("accepts nothing where no secret is configured", () => {
    expect(verify({ header: signed(BODY, ""), secrets: [] })).toEqual({ kind: "mismatch" });
  });
});

describe("the body", () => {
  it.each([
    ["is empty", Buffer.alloc(0)],
    ["is not UTF-8", Buffer.from([0xff, 0xfe, 0x00, 0xc3])],
    ["has a byte order mark", Buffer.from("\ufeff{}")],
  ])("is signed as the bytes it is, even if it %s", (_what, body) => {
    expect(verify({ header: signed(body), body })).toEqual({ kind: "verified", body });
  });

  it("is refused with any bit of it flipped", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (bytes, at, bit) => {
          const body = Buffer.from(bytes);
          const header = signed(body);
          expect(verify({ header, body }).kind).toBe("verified");
          const index = at % body.length;
          body.writeUInt8(body.readUInt8(index) ^ (1 << bit), index);
          expect(verify({ header, body })).toEqual({ kind: "mismatch" });
        },
      ),
    );
  });

  it("is never accepted, and never throws, with a header that its sender made up", () => {
    const hex = fc
      .uint8Array({ minLength: 31, maxLength: 33 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    const field = fc.oneof(
      hex.map((digits) => `h1=${digits}`),
      fc.integer({ min: TS - 10, max: TS + 10 }).map((ts) => `ts=${ts}`),
      fc.string(),
      fc.string({ unit: "binary" }),
    );
    const header = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(field).map((fields) => fields.join(";")),
    );
    fc.assert(
      fc.property(header, (text) => {
        expect(["malformed", "mismatch"]).toContain(verify({ header: text }).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the time tolerance", () => {
  it.each([
    ["5 s old", 5_000, 5_000, "verified"],
    ["5.001 s old", 5_001, 5_000, "outside-tolerance"],
    ["5 s in the future", -5_000, 5_000, "verified"],
    ["5.001 s in the future", -5_001, 5_000, "outside-tolerance"],
    ["59.999 s old where 60 s are tolerated", 59_999, 60_000, "verified"],
    ["60.001 s old where 60 s are tolerated", 60_001, 60_000, "outside-tolerance"],
    ["a year old", 31_536_000_000, 5_000, "outside-tolerance"],
  ])("judges a webhook %s", (_what, skewMs, toleranceMs, kind) => {
    const result = verify({ header: signed(), toleranceMs, now: TS * 1_000 + skewMs });
    expect(result).toMatchObject(kind === "verified" ? { kind } : { kind, skewMs });
  });

  it("is asked only of what Paddle signed: a forged time tells nobody anything", () => {
    const header = `ts=${TS};h1=${"0".repeat(64)}`;
    expect(verify({ header, now: TS * 1_000 + 60_000 })).toEqual({ kind: "mismatch" });
  });
});
