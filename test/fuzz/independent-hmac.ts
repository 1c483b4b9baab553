/** A second opinion on signatures, which shares nothing with the code it judges but SHA-256: RFC 2104 by hand. */
import { createHash } from "node:crypto";

const BLOCK = 64;

export function independentHmac(secret: string, message: Buffer): string {
  const given = Buffer.from(secret, "utf8");
  const key = Buffer.alloc(BLOCK);
  (given.length > BLOCK ? sha256(given) : given).copy(key);
  const inner = sha256(Buffer.concat([key.map((byte) => byte ^ 0x36), message]));
  return sha256(Buffer.concat([key.map((byte) => byte ^ 0x5c), inner])).toString("hex");
}

/** Whether some `ts` and some `h1` that stand anywhere in the header prove the body, by the widest reading there is. */
export function couldBeSigned(
  header: string,
  body: Buffer,
  what: { readonly secrets: readonly string[]; readonly now: number; readonly toleranceMs: number },
): boolean {
  const times = [...header.matchAll(/\d{10}/g)].map(([time]) => time);
  const marks = new Set([...header.matchAll(/[0-9a-f]{64}/g)].map(([mark]) => mark));
  return times
    .filter((time) => Math.abs(what.now - Number(time) * 1_000) <= what.toleranceMs)
    .some((time) =>
      what.secrets.some((secret) =>
        marks.has(independentHmac(secret, Buffer.concat([Buffer.from(`${time}:`), body]))),
      ),
    );
}

function sha256(bytes: Buffer | Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
