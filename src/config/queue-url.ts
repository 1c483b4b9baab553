/** The address of the queue's server. It holds a password, so nothing of it is ever quoted but a scheme we know. */
import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { GROUP_SCHEMES, readRedisAddress } from "../redis/address.ts";
import { mustBe } from "./fields.ts";

export type QueueServer = { readonly kind: "redis" | "postgres"; readonly url: Secret };

const KINDS: Readonly<Record<string, QueueServer["kind"]>> = {
  "redis:": "redis",
  "rediss:": "redis",
  ...Object.fromEntries(GROUP_SCHEMES.map((scheme) => [scheme, "redis"] as const)),
  "postgres:": "postgres",
  "postgresql:": "postgres",
};
const WORDS =
  "an address that begins with redis://, rediss://, redis+sentinel://, redis+cluster://, postgres:// or postgresql://";

export const queueUrl = z
  .string({ error: mustBe(WORDS) })
  .trim()
  .transform((input, context): QueueServer => {
    const message = faultOf(input);
    const kind = KINDS[schemeOf(input)];
    if (message === null && kind) return { kind, url: new Secret(input) };
    context.addIssue({ code: "custom", message: message ?? `must be ${WORDS}` });
    return z.NEVER;
  });

/** What is wrong with the address, in words that quote none of it; null: nothing. */
function faultOf(input: string): string | null {
  const scheme = schemeOf(input);
  const kind = KINDS[scheme];
  if (!kind) return `must be ${WORDS}`;
  if (GROUP_SCHEMES.includes(scheme)) {
    const reading = readRedisAddress(input);
    return reading.ok ? null : reading.fault;
  }
  const url = URL.parse(input);
  if (!url || url.hash)
    return "is not a valid address; in the user's name and password, write : / ? # @ and % as %3A %2F %3F %23 %40 and %25";
  if (kind === "redis" && url.hostname === "") return "names no host; write redis://host:6379";
  if (kind === "redis" && !/^\/?\d*$/.test(url.pathname))
    return "must end with the number of a Redis database, or nothing, after the host and port";
  return null;
}

/** In lower case and with its colon; empty where the text has none. */
function schemeOf(input: string): string {
  return /^([a-z][a-z\d+.-]*:)\/\//i.exec(input)?.[1]?.toLowerCase() ?? "";
}
