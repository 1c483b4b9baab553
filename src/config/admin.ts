/** The section `admin`: an OIDC proxy in front of the admin listener, whose word is taken for who somebody is. */
import { isIP } from "node:net";
import { z } from "zod";
import { mustBe, text } from "./fields.ts";
import { section } from "./section.ts";

export type ProxyConfig = {
  /** Addresses and ranges (CIDR). From anywhere else the headers mean nothing. At least one. */
  readonly addresses: readonly string[];
  /** In lower case. */
  readonly userHeader: string;
  /** In lower case. Its groups are separated by commas. */
  readonly groupsHeader: string;
  /** Who belongs to one of these groups may do everything. */
  readonly operators: readonly string[];
  /** Who belongs to one of these groups may look. */
  readonly viewers: readonly string[];
};

export type AdminConfig = {
  /** null: nobody is taken for anybody on the word of a proxy. */
  readonly proxy: ProxyConfig | null;
};

/** A wider range would be somebody else's network too. */
const WIDEST = { 4: 8, 6: 32 } as const;
const ADDRESSES = "a list of at least one IP address or range such as 10.0.0.5/32";

const range = text("an IP address, or a range such as 10.0.0.5/32, of at least /8 (IPv6: /32)", (input) => {
  const [address = "", bits, more] = input.split("/");
  const version = isIP(address);
  if ((version !== 4 && version !== 6) || address.includes("%") || more !== undefined) return false;
  if (bits === undefined) return true;
  return (
    /^\d{1,3}$/.test(bits) && Number(bits) >= WIDEST[version] && Number(bits) <= (version === 4 ? 32 : 128)
  );
});

/** These say something else already. */
const TAKEN = ["authorization", "cookie", "host", "origin"];

const headerName = text("the name of a header, such as X-Forwarded-Email", (name) => {
  return /^[a-z\d-]{1,64}$/i.test(name) && !TAKEN.includes(name.toLowerCase());
}).transform((name) => name.toLowerCase());

const groups = z
  .array(
    text("the name of a group, without commas", (name) => /^[^,\p{Cc}]{1,200}$/u.test(name)),
    {
      error: mustBe("a list of groups"),
    },
  )
  .optional();

const proxySection = section({
  addresses: z.array(range, { error: mustBe(ADDRESSES) }).min(1, { error: mustBe(ADDRESSES) }),
  userHeader: headerName.prefault("x-forwarded-email"),
  groupsHeader: headerName.prefault("x-forwarded-groups"),
  operators: groups,
  viewers: groups,
}).transform(({ operators = [], viewers = [], ...given }, context): ProxyConfig => {
  const fault = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  if (given.userHeader === given.groupsHeader)
    fault("groupsHeader", "must be another header than userHeader");
  if (operators.length + viewers.length === 0)
    fault("operators", "is missing, and so is viewers; name the groups that may come in");
  return { ...given, operators, viewers };
});

export const adminSection = section({ proxy: proxySection.optional() }).transform(
  ({ proxy }): AdminConfig => ({ proxy: proxy ?? null }),
);

const NamesProxy = z.object({ admin: z.object({ proxy: z.object({}) }) });

/** Whether the file means to have one, even if it is at fault there or elsewhere. */
export function namesProxy(file: unknown): boolean {
  return NamesProxy.safeParse(file).success;
}
