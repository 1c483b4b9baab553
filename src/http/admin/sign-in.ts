/**
 * Who may use the admin listener: people by Basic (RFC 7617), programs by Bearer (RFC 6750), operators and viewers with
 * credentials of their own, whichever are configured. How long a refusal takes depends on no name, password or token.
 */
import { isSameText, type Secret } from "../../core/secret.ts";
import type { Caller, Role } from "./caller.ts";
import type { ProxyTrust } from "./proxy-identity.ts";

export type Credentials = {
  /** For people; null: no Basic sign-in. */
  readonly user: { readonly name: string; readonly password: Secret } | null;
  /** For programs; null: no Bearer sign-in. */
  readonly token: Secret | null;
};

/** The operators' credentials, and who else may come in. */
export type SignInSettings = Credentials & {
  /** Left out: there are no viewers. */
  readonly viewer?: Credentials;
  /** Left out, or null: nobody's word is taken for who somebody is. */
  readonly proxy?: ProxyTrust | null;
};

export interface SignIn {
  /** One `WWW-Authenticate` value for each way to sign in; none: only a proxy lets people in. */
  readonly challenges: readonly string[];
  /** How to sign in, in words. */
  readonly hint: string;
  /** Who the `Authorization` header proves to be; null: nobody. */
  identify(authorization: string | undefined): Caller | null;
}

const REALM = "paddle-key-rotator";

/** null: no credentials and no proxy are configured, so nobody can be told from anybody else. */
export function createSignIn(settings: SignInSettings): SignIn | null {
  const parties = partiesOf(settings);
  const people = parties.filter(({ user }) => user);
  const programs = parties.filter(({ token }) => token);
  if (people.length + programs.length === 0 && !settings.proxy) return null;
  return {
    challenges: [
      ...(people.length > 0 ? [`Basic realm="${REALM}", charset="UTF-8"`] : []),
      ...(programs.length > 0 ? [`Bearer realm="${REALM}"`] : []),
    ],
    hint: [
      ...people.map(
        ({ prefix }) => `Basic with the user name and password of ${prefix}_USER and ${prefix}_PASSWORD`,
      ),
      ...programs.map(({ prefix }) => `Bearer with ${prefix}_TOKEN`),
      ...(settings.proxy ? ["through the proxy that the section admin of the configuration names"] : []),
    ].join(", or "),
    identify(authorization) {
      const [scheme, credentials] = split(authorization);
      if (scheme === "basic") return firstOf(parties.map((party) => asPerson(party, credentials)));
      if (scheme === "bearer") return firstOf(parties.map((party) => asProgram(party, credentials)));
      return null;
    },
  };
}

/** `prefix`: of the variables that their credentials are in. */
type Party = Credentials & { readonly role: Role; readonly prefix: string };

function partiesOf({ user, token, viewer }: SignInSettings): readonly Party[] {
  const operators = { user, token, role: "operator", prefix: "ADMIN" } as const;
  return viewer ? [operators, { ...viewer, role: "viewer", prefix: "ADMIN_VIEWER" }] : [operators];
}

/** The scheme in lower case and what follows it; both empty when the header has another form. */
function split(authorization: string | undefined): [scheme: string, credentials: string] {
  const match = /^(\w+) +(\S+)$/.exec(authorization ?? "");
  return [match?.[1]?.toLowerCase() ?? "", match?.[2] ?? ""];
}

function asPerson({ user, role }: Party, credentials: string): Caller | null {
  const text = Buffer.from(credentials, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (!user || colon === -1) return null;
  // Both are compared before either counts: a right name must not take longer to refuse than a wrong one.
  const nameIsRight = isSameText(user.name, text.slice(0, colon));
  const passwordIsRight = user.password.matches(text.slice(colon + 1));
  return nameIsRight && passwordIsRight ? { name: user.name, role } : null;
}

function asProgram({ token, role, prefix }: Party, credentials: string): Caller | null {
  return token?.matches(credentials) ? { name: `the bearer of ${prefix}_TOKEN`, role } : null;
}

/** Takes a list, so that all of them have been compared by then. */
function firstOf(callers: readonly (Caller | null)[]): Caller | null {
  return callers.find((caller) => caller !== null) ?? null;
}
