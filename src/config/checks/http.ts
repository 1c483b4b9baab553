/** A check of type http: an address of the application that answers well as long as it can do its work. */
import { z } from "zod";
import type { Check } from "../../core/check.ts";
import type { Secret } from "../../core/secret.ts";
import { bearerToken } from "../consumers/common.ts";
import { mustBe, text } from "../fields.ts";
import { section } from "../section.ts";
import { commonFields, failures, withCommon } from "./common.ts";

export type HttpCheckConfig = Omit<Check, "look"> & {
  readonly type: "http";
  readonly url: string;
  readonly expectStatus: { readonly from: number; readonly to: number };
  /** null: it asks for none. */
  readonly token: Secret | null;
};

/** Which networks http:// may go to is decided when the name is resolved: names do not tell. */
export const address = text("an https:// or http:// address without user, password or #", (input) => {
  const url = URL.parse(input);
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash;
});

const STATUS = "a status such as 204, or a range of them such as 200-299";

/** A single status is a number in YAML. */
const statuses = z
  .union([z.string(), z.number()], { error: mustBe(STATUS) })
  .transform((input) => String(input).trim())
  .pipe(
    text(STATUS, (given) => {
      const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(given) ?? [];
      return from !== undefined && Number(from) <= Number(to);
    }),
  )
  .transform((given) => {
    const [from = 0, to = from] = given.split("-").map(Number);
    return { from, to };
  });

export const http = section({
  type: z.literal("http"),
  ...commonFields,
  url: address,
  expectStatus: statuses.prefault("200-299"),
  failures,
  token: bearerToken.optional(),
}).transform(({ token, ...given }): HttpCheckConfig => ({
  ...withCommon({ ...given, for: 0 }),
  token: token ?? null,
}));
