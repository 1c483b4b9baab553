/** How this process proves to Vault who it is, by each method (Vault: auth methods AppRole and Kubernetes). */
import { readFile } from "node:fs/promises";
import type { StoreError } from "../../core/errors.ts";
import { refusal } from "../faults.ts";
import type { Reply } from "./answers.ts";
import type { Call } from "./call.ts";
import { answered, unreadableFile } from "./faults.ts";
import type { VaultAuth } from "./options.ts";

/** A method that gives out tokens, other than one that only has one. */
export type Login = Exclude<VaultAuth, { readonly method: "token" }>;

/** The request that asks for a token. Its body holds what must be kept secret. */
export async function loginCall(auth: Login, place: string): Promise<Call> {
  return {
    method: "POST",
    path: `auth/${auth.mount}/login`,
    body: JSON.stringify(await proofOf(auth, place)),
  };
}

async function proofOf(auth: Login, place: string): Promise<Readonly<Record<string, string>>> {
  if (auth.method === "approle")
    return { role_id: auth.roleId, ...(auth.secretId && { secret_id: auth.secretId.reveal() }) };
  // Read anew each time: Kubernetes replaces it before it ends.
  const jwt = await readFile(auth.tokenFile, "utf8").catch((error: unknown) => {
    throw unreadableFile(place, "auth.tokenFile", auth.tokenFile, error);
  });
  return { role: auth.role, jwt: jwt.trim() };
}

/** For an answer that refuses to give out a token. */
export function refusedLogin(auth: Login, place: string, reply: Reply): StoreError {
  const problem = `does not let this process sign in by ${auth.method} at auth/${auth.mount}/login: it ${answered(reply)}`;
  const isNowhere = reply.status === 404 || (reply.status === 403 && auth.method === "approle");
  // To whom has no token, Vault answers 403 also where there is nothing to sign in to.
  if (isNowhere)
    return refusal(place, problem, "correct auth.mount or namespace (vault auth list shows what there is)");
  return refusal(
    place,
    problem,
    auth.method === "approle"
      ? "give the rotator a new secret ID (vault write -f auth/…/role/…/secret-id); used up, expired and mistyped ones look the same"
      : `see that auth.mount is right, and the role ${auth.role} bound to this pod's service account and namespace (bound_service_account_names)`,
  );
}
