/**
 * Who may use the admin listener: people by Basic (RFC 7617), programs by Bearer (RFC 6750), whichever of them
 * is configured. How long a refusal takes depends on neither the name, the password nor the token.
 */
import { Secret } from "../../core/secret.ts";

export type SignInSettings = {
  /** For people; null: no Basic sign-in. */
  readonly user: { readonly name: string; readonly password: Secret } | null;
  /** For programs; null: no Bearer sign-in. */
  readonly token: Secret | null;
};

/** `viewer`: may look at everything and change nothing. */
export type Role = "viewer" | "operator";

/** `name`: in words for logs and records. */
export type Caller = { readonly name: string; readonly role: Role };

export interface SignIn {
  /** One `WWW-Authenticate` value for each way to sign in. */
  readonly challenges: readonly string[];
  /** How to sign in, in words. */
  readonly hint: string;
  /** Who the `Authorization` header proves to be; null: nobody. */
  identify(authorization: string | undefined): Caller | null;
}

const REALM = "paddle-key-rotator";

/** null: no credentials are configured, so nobody can be told from anybody else. */
export function createSignIn(settings: SignInSettings): SignIn | null {
  const { user, token } = settings;
  if (!user && !token) return null;
  return {
    challenges: [
      ...(user ? [`Basic realm="${REALM}", charset="UTF-8"`] : []),
      ...(token ? [`Bearer realm="${REALM}"`] : []),
    ],
    hint: [
      ...(user ? ["Basic with the user name and password of ADMIN_USER and ADMIN_PASSWORD"] : []),
      ...(token ? ["Bearer with ADMIN_TOKEN"] : []),
    ].join(", or "),
    identify(authorization) {
      const [scheme, credentials] = split(authorization);
      if (scheme === "basic" && user)
        return isUser(user, credentials) ? { name: user.name, role: "operator" } : null;
      if (scheme === "bearer" && token)
        return token.equals(new Secret(credentials))
          ? { name: "the bearer of ADMIN_TOKEN", role: "operator" }
          : null;
      return null;
    },
  };
}

/** The scheme in lower case and what follows it; both empty when the header has another form. */
function split(authorization: string | undefined): [scheme: string, credentials: string] {
  const match = /^(\w+) +(\S+)$/.exec(authorization ?? "");
  return [match?.[1]?.toLowerCase() ?? "", match?.[2] ?? ""];
}

function isUser(user: { name: string; password: Secret }, credentials: string): boolean {
  const text = Buffer.from(credentials, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) return false;
  // Both are compared before either counts: a right name must not take longer to refuse than a wrong one.
  const nameIsRight = new Secret(user.name).equals(new Secret(text.slice(0, colon)));
  const passwordIsRight = user.password.equals(new Secret(text.slice(colon + 1)));
  return nameIsRight && passwordIsRight;
}
