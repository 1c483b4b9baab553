/** What went wrong at Secret Manager, said to an operator. */
import type { StoreError } from "../../core/errors.ts";
import { refusal, setback, uncertainty } from "../faults.ts";
import type { Failure } from "./failure.ts";
import type { Permission } from "./permissions.ts";

/** A request as an operator would call it. */
export type Request = {
  /** e.g. `projects/acme/secrets/paddle`. */
  readonly place: string;
  /** What it is for, e.g. `read`: the place `cannot be read`. */
  readonly act: string;
  readonly permission: Permission | null;
  /** Doing it again does no harm. */
  readonly repeatable: boolean;
};

export function storeError(failure: Failure, request: Request): StoreError {
  const { place, act } = request;
  const problem = (why: string) => `cannot be ${act}: ${why}`;
  switch (failure.kind) {
    case "denied":
      return denied(failure, request);
    case "unauthenticated":
      return refusal(
        place,
        problem("Google does not accept this process's credentials (UNAUTHENTICATED)"),
        "see that the service account is enabled and its key or federation valid",
      );
    case "no-credentials":
      return failure.passing
        ? setback(place, problem("the credentials' server does not answer"), "it will be tried again")
        : refusal(
            place,
            problem("this process has no credentials of Google's"),
            "run it with workload identity, or set credentialsFile",
          );
    case "missing":
      return refusal(place, problem("it does not exist (NOT_FOUND)"), "see project, secret and location");
    case "state":
      return refusal(
        place,
        problem("its state or that of its encryption key forbids it (FAILED_PRECONDITION)"),
        "see its state with gcloud secrets versions list",
      );
    case "throttled":
      return setback(
        place,
        problem("a quota of Secret Manager is used up (RESOURCE_EXHAUSTED)"),
        "it will be tried again; if this goes on, see IAM & Admin, Quotas",
      );
    case "refused":
      return refusal(place, problem(`Google refuses it (${failure.code})`), "nothing has changed");
    case "unreached":
      return setback(
        place,
        problem(`Secret Manager is not reached (${failure.code})`),
        "it will be tried again; see the network and endpoint",
      );
    case "unanswered":
      return request.repeatable
        ? setback(
            place,
            problem(`Secret Manager does not answer (${failure.code})`),
            "it will be tried again",
          )
        : uncertainty(
            place,
            `may have been ${act} or not, because the answer is missing (${failure.code})`,
            "it will be looked at again",
          );
  }
}

function denied(
  { permission, reason }: Extract<Failure, { kind: "denied" }>,
  { place, act, permission: needed }: Request,
): StoreError {
  if (reason === "SERVICE_DISABLED")
    return refusal(
      place,
      `cannot be ${act}: Secret Manager is not enabled in its project (SERVICE_DISABLED)`,
      "gcloud services enable secretmanager.googleapis.com",
    );
  if (reason !== null && reason !== "IAM_PERMISSION_DENIED")
    return refusal(
      place,
      `cannot be ${act}: Google forbids it (PERMISSION_DENIED, ${reason})`,
      "see the organization's policies and VPC Service Controls",
    );
  return refusal(
    place,
    `cannot be ${act}: ${permission ?? needed ?? "a permission"} is missing, or the secret does not exist`,
    "grant it as `npm run rotator -- check` prints it; a new grant may take minutes",
  );
}
