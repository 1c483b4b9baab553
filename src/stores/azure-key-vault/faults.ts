/** The errors of a key vault: what it answered, and the next action. */
import { StoreError } from "../../core/errors.ts";
import { refusal, setback, uncertainty } from "../faults.ts";
import { type Failure, nameOf } from "./failure.ts";
import { OLD_VERSION_TAG, PERMISSIONS, type Question } from "./permissions.ts";

type Refused = Extract<Failure, { kind: "refused" }>;

/** How people call a secret: by its vault's host and its own name. */
export function placeOf(vault: string, secret: string): string {
  return `${new URL(vault).host} (${secret})`;
}

/** How Azure's command line calls a vault. */
export function vaultName(vault: string): string {
  return new URL(vault).hostname.split(".", 1)[0] ?? "";
}

/** @param vault the vault's address */
export function faultOf(failure: Failure, question: Question, vault: string): StoreError {
  const place = placeOf(vault, question.secret);
  if (failure.kind === "no-token") return tokenFault(failure, place);
  if (failure.kind === "refused") return refusedFault(failure, question, vault);
  const problem = `has not answered (${failure.code})`;
  if (question.operation === "set" && failure.reached)
    return uncertainty(
      place,
      problem,
      "a version may have been added; what is there is read again before anything else",
    );
  const remedy =
    "see that the vault's address is right, its port 443 open to this machine and its certificate trusted here";
  return setback(place, problem, remedy);
}

/** What is missing, in the words of the permission model that the vault uses. */
export function missingPermission(failure: Failure, { operation }: Question): string | null {
  if (failure.kind !== "refused" || failure.status !== 403 || isAboutSomethingElse(failure)) return null;
  return failure.permission ?? PERMISSIONS[operation].action;
}

/** A 403 that no permission would mend. */
function isAboutSomethingElse({ inner, code }: Refused): boolean {
  const word = inner ?? code;
  return word === "SecretDisabled" || NETWORK.has(word) || word === "ForbiddenByPolicy";
}

const NETWORK = new Set(["ForbiddenByFirewall", "ForbiddenByConnection"]);

function tokenFault({ code, final }: Extract<Failure, { kind: "no-token" }>, place: string): StoreError {
  const problem = `cannot be asked, for want of a token from Microsoft Entra ID (${code})`;
  if (final)
    return refusal(
      place,
      problem,
      "see the identity's credentials: AZURE_CLIENT_ID, AZURE_TENANT_ID and what proves them",
    );
  return setback(
    place,
    problem,
    "see that this process has a workload identity, a managed identity or the variables AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET",
  );
}

function refusedFault(failure: Refused, question: Question, vault: string): StoreError {
  const { status, inner, code } = failure;
  const place = placeOf(vault, question.secret);
  const name = nameOf(failure);
  const permission = missingPermission(failure, question);
  if (permission !== null) return grantFault(vault, [{ secret: question.secret, permission }], name);
  if (status === 403) return forbiddenFault(inner ?? code, name, { place, vault });
  if (status === 404) {
    const secret = `--vault-name ${vaultName(vault)} --name ${question.secret}`;
    return refusal(
      place,
      `does not exist, or has been deleted (${name})`,
      `make it: az keyvault secret set ${secret} --file FILE, or bring it back: az keyvault secret recover ${secret}`,
    );
  }
  if (status === 409) return conflictFault(inner ?? code, name, question.secret, { place, vault });
  if (status === 401)
    return refusal(
      place,
      `refuses our tokens (${name})`,
      "the identity must be of the tenant that the vault belongs to",
    );
  if (status === 429)
    return setback(place, `is asked too often (${name})`, "it is asked again later by itself");
  if (status >= 500 || status === 408) {
    if (question.operation === "set")
      return uncertainty(
        place,
        `failed (${name})`,
        "a version may have been added; what is there is read again before anything else",
      );
    return setback(place, `failed (${name})`, "it is asked again later by itself");
  }
  return refusal(
    place,
    `refuses to ${question.operation} (${name})`,
    "look the code up in Azure's list of Key Vault error codes",
  );
}

export type Missing = Pick<Question, "secret"> & { readonly permission: string };

const GRANT = "grant it to the rotator's identity; a new assignment takes some minutes to count";

/** Names every missing permission. @param answer what Azure said, where it was asked once */
export function grantFault(vault: string, missing: readonly Missing[], answer?: string): StoreError {
  const problem = notGranted(vault, missing).join("; ") + (answer === undefined ? "" : ` (${answer})`);
  return new StoreError(`${problem}: ${GRANT}`, { effect: "none", retry: "never" });
}

/** One sentence for a secret that can be written, about what does not follow a write. @param application its name */
export function leftUndone(
  vault: string,
  missing: readonly (Missing & Question)[],
  application: string,
): string[] {
  return Object.values(Object.groupBy(missing, ({ secret }) => secret)).map((of = []) => {
    const isUnnamed = of.some(({ secret, operation }) => secret === application && operation === "update");
    const undone = isUnnamed ? ` and its tag ${OLD_VERSION_TAG} names none` : "";
    return `${notGranted(vault, of).join()}, so its old versions stay enabled${undone}: ${GRANT}`;
  });
}

function notGranted(vault: string, missing: readonly Missing[]): string[] {
  return Object.entries(Object.groupBy(missing, ({ secret }) => secret)).map(([secret, of = []]) => {
    const permissions = new Set(of.map(({ permission }) => permission));
    return `${placeOf(vault, secret)} does not grant ${[...permissions].join(", ")}`;
  });
}

type Where = { readonly place: string; readonly vault: string };

function forbiddenFault(word: string, name: string, { place, vault }: Where): StoreError {
  if (NETWORK.has(word))
    return refusal(
      place,
      `is closed to this machine's address by the vault's network rules (${name})`,
      `let it in: az keyvault network-rule add --name ${vaultName(vault)} --ip-address ADDRESS, or use its private endpoint`,
    );
  if (word === "SecretDisabled")
    return refusal(
      place,
      `has a newest version that is disabled (${name})`,
      "enable it: az keyvault secret set-attributes --id ID --enabled true; applications cannot read it either",
    );
  return refusal(
    place,
    `is refused by an Azure Policy (${name})`,
    "see which policy asks what of new versions; tags, content type and expiry are those of the former one",
  );
}

function conflictFault(word: string, name: string, secret: string, { place, vault }: Where): StoreError {
  if (word === "ObjectIsDeletedButRecoverable")
    return refusal(
      place,
      `has been deleted (${name})`,
      `recover it: az keyvault secret recover --vault-name ${vaultName(vault)} --name ${secret}`,
    );
  return setback(place, `is being changed (${name})`, "it is tried again later by itself");
}
