/**
 * The `Paddle-Signature` header: `ts=1671552777;h1=<64 lowercase hex>` (Paddle's documentation, "Verify webhook
 * signatures"). Split on `;`, then on the first `=`. Several `h1` are signatures by several secrets; fields with
 * other names are ignored, because Paddle may add some. Everything else that is not this grammar is refused.
 */

export type SignatureHeader = {
  /** The seconds as they stand in the header: the signature covers this very text. */
  readonly ts: string;
  /** The signatures that could match, as bytes. One that is not 64 lowercase hex is left out: it never can. */
  readonly signatures: readonly Buffer[];
};

/** Bounds the work that a stranger can ask for. Paddle sends one signature per secret, and about 80 characters. */
const MAX_LENGTH = 2_048;
const MAX_SIGNATURES = 10;

// Visible ASCII without the comma: with a comma, Node has joined several headers into one (RFC 9110, 5.3).
const CHARACTERS = /^[!-+\--~]+$/;
// Ten digits are the seconds from 2001 to 2286.
const SECONDS = /^\d{10}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** Why a header is malformed is always one of our own sentences; it never quotes the header. */
export function parseSignatureHeader(
  header: string | undefined,
): { readonly header: SignatureHeader } | { readonly malformed: string } {
  if (!header) return { malformed: "the Paddle-Signature header is missing or empty" };
  if (header.length > MAX_LENGTH) return { malformed: `the header is longer than ${MAX_LENGTH} characters` };
  if (!CHARACTERS.test(header)) return { malformed: "the header has a character that does not belong there" };

  const timestamps: string[] = [];
  const signatures: string[] = [];
  for (const field of header.split(";")) {
    const equals = field.indexOf("=");
    if (equals < 1) return { malformed: "a field of the header is not name=value" };
    const value = field.slice(equals + 1);
    const name = field.slice(0, equals);
    if (name === "ts") timestamps.push(value);
    if (name === "h1") signatures.push(value);
  }

  const [ts] = timestamps;
  if (ts === undefined) return { malformed: "ts is missing" };
  if (timestamps.length > 1) return { malformed: "ts is there more than once" };
  if (!SECONDS.test(ts)) return { malformed: "ts is not 10 digits" };
  if (signatures.length === 0) return { malformed: "h1 is missing" };
  if (signatures.length > MAX_SIGNATURES) return { malformed: `there are more than ${MAX_SIGNATURES} h1` };
  return {
    header: {
      ts,
      signatures: signatures.filter((hex) => SHA256_HEX.test(hex)).map((hex) => Buffer.from(hex, "hex")),
    },
  };
}
