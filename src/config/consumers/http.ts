/** A consumer of type http: an application that is told by a signed notification, and says what it uses. */
import { BlockList, isIP } from "node:net";
import { z } from "zod";
import type { Secret } from "../../core/secret.ts";
import { mustBe, secret, text } from "../fields.ts";
import { EVEN_AMONG_FAULTS, section } from "../section.ts";
import { bearerToken, commonFields, type ConsumerCommon, instanceCount, withCommon } from "./common.ts";

export type HttpConfig = ConsumerCommon & {
  readonly type: "http";
  /** null: the application finds the new secret by itself. */
  readonly notify: { readonly url: string; readonly secret: Secret } | null;
  /** null: it cannot be asked what it uses. `token`: null: it asks for none. */
  readonly verify: { readonly url: string; readonly token: Secret | null } | null;
  /** How many instances there must be; null: as many as there are. */
  readonly expect: number | null;
  /** Networks that may be connected to, as `10.0.0.0/8`; null: all but those that never are. */
  readonly allow: readonly string[] | null;
};

/** Which networks http:// may go to is decided when the name is resolved: names do not tell. */
const address = text("an https:// or http:// address without user, password or #", (input) => {
  const url = URL.parse(input);
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash;
});

/** Standard Webhooks, "Signature scheme": 24 to 64 random bytes in base64, after the prefix whsec_. */
const signingSecret = secret(
  "whsec_ and 24 to 64 bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)",
  (given) => {
    const [, encoded = ""] = /^whsec_(.+)$/.exec(given) ?? [];
    const bytes = Buffer.from(encoded, "base64");
    return bytes.length >= 24 && bytes.length <= 64 && bytes.toString("base64") === encoded;
  },
);

const network = text("a network such as 10.0.0.0/8 or fd00::/8", (cidr) => {
  const [, base = "", prefix = ""] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const version = isIP(base);
  if (version === 0 || Number(prefix) > (version === 4 ? 32 : 128)) return false;
  new BlockList().addSubnet(base, Number(prefix), version === 4 ? "ipv4" : "ipv6");
  return true;
});

const fields = section({
  type: z.literal("http"),
  ...commonFields,
  notify: address.optional(),
  secret: signingSecret.optional(),
  verify: address.optional(),
  token: bearerToken.optional(),
  expect: instanceCount.optional(),
  allow: z
    .array(network, { error: mustBe("a list of networks such as 10.0.0.0/8") })
    .min(1, { error: mustBe("a list of networks with at least one; leave it out to allow all") })
    .optional(),
});

export const http = fields
  .superRefine(fieldsFit, EVEN_AMONG_FAULTS)
  .transform(({ notify, secret: key, verify, token, expect, allow, ...given }): HttpConfig => {
    return {
      ...withCommon(given),
      notify: notify !== undefined && key !== undefined ? { url: notify, secret: key } : null,
      verify: verify === undefined ? null : { url: verify, token: token ?? null },
      expect: expect ?? null,
      allow: allow ?? null,
    };
  });

/** Fields that mean nothing without another one. The values may be at fault themselves. */
function fieldsFit(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const has = (name: string) => typeof given === "object" && given !== null && given[name] !== undefined;
  const fault = (name: string, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  if (!has("notify") && !has("verify"))
    fault("notify", "is missing, and so is verify; give one of them, or use the type none");
  if (has("notify") && !has("secret"))
    fault("secret", "is missing; notifications are signed with it, so that nobody else can send them");
  if (has("secret") && !has("notify")) fault("secret", "signs notifications, but there is no notify");
  for (const name of ["token", "expect"])
    if (has(name) && !has("verify")) fault(name, "is for what verify answers, but there is no verify");
}
