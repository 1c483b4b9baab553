/** What a Kubernetes API server may answer, as errors that name the Secret, the answer and the remedy. */
import { type Retry, StoreError } from "../../core/errors.ts";
import type { Failure, Refused } from "../../kubernetes/answers.ts";
import type { Asked } from "../../kubernetes/caller.ts";
import { type Target, toMake } from "./role.ts";

export type Verb = "get" | "patch";

/** Halves of one sentence, and whether the fault may pass by itself. */
type Fault = { readonly problem: string; readonly remedy: string; readonly retry: Retry };

/** What is known of the call that failed. */
export type Call = Asked & { readonly verb: Verb; readonly target: Target };

export function toStoreError(failure: Failure, call: Call): StoreError {
  const { problem, remedy, retry } = faultOf(failure, call);
  return new StoreError(`${placeOf(call.target)} ${problem}: ${remedy}`, { effect: call.effect, retry });
}

export function placeOf({ namespace, secret }: Target): string {
  return `Kubernetes Secret ${namespace === null ? "" : `${namespace}/`}${secret}`;
}

function faultOf(failure: Failure, call: Call): Fault {
  switch (failure.kind) {
    case "refused":
      return refusedFault(failure.answer, call);
    case "no answer":
      return {
        problem: `cannot be reached at ${call.server} (${failure.code})`,
        remedy:
          "see that the API server runs and that no NetworkPolicy is in the way; the rotator tries again",
        retry: "later",
      };
    case "untrusted":
      return {
        problem: `is on an API server that proves to be another (${call.server}, ${failure.code})`,
        remedy: "correct certificate-authority in the kubeconfig, or ask who stands between",
        retry: "never",
      };
    case "no credentials":
      return {
        problem: `cannot be reached, because ${call.identity} gives no credentials`,
        remedy: "run kubectl with it to see what its plugin or its token file says; the rotator tries again",
        retry: "later",
      };
    case "unusable":
      return { problem: failure.problem, remedy: failure.remedy, retry: "never" };
    case "unreadable":
      return {
        problem: `cannot be used, because ${call.server} answered with something that is no Secret`,
        remedy: "see that the address is that of an API server and not of a proxy or a sign-in page",
        retry: "later",
      };
    default:
      return failure satisfies never;
  }
}

function refusedFault(answer: Refused, call: Call): Fault {
  const said = saidIn(answer);
  switch (answer.status) {
    case 401:
      return {
        problem: `is closed to ${call.identity} (${said})`,
        remedy: "its token has expired or is of another cluster; renew it, the rotator reads it again",
        retry: "later",
      };
    case 403:
      return answer.admission === null ? notAllowed(answer, call) : notAdmitted(answer);
    case 404:
      return {
        problem: `does not exist (${said})`,
        remedy: `make it: ${toMake(call.target)}`,
        retry: "never",
      };
    case 413:
    case 422:
      return invalid(answer);
    case 415:
      return {
        problem: `is on an API server without server-side apply (${said})`,
        remedy: "use Kubernetes 1.22 or later",
        retry: "never",
      };
    case 429:
      return {
        problem: `is asked for too often (${said})`,
        remedy: "look for what floods the API server; the rotator tries again",
        retry: "later",
      };
    default:
      return answer.status >= 500 || answer.status === 409 ? troubled(answer) : invalid(answer);
  }
}

/** A person may have taken away a permission in the middle of a rotation: it says which one, and how to give it back. */
function notAllowed(answer: Refused, { verb, target, identity }: Call): Fault {
  const { namespace, secret } = target;
  return {
    problem: `is closed to ${answer.user ?? identity} (${saidIn(answer)}), which may not ${verb} secrets/${secret}`,
    remedy:
      `bind it to a Role in the namespace ${namespace ?? "of the Secret"} with apiGroups [""], resources [secrets], ` +
      `resourceNames [${secret}], verbs [get, patch]; \`npm run rotator -- check\` prints it`,
    retry: "never",
  };
}

function notAdmitted(answer: Refused): Fault {
  return {
    problem: `may not be changed, says the admission of the cluster (${answer.admission}, ${saidIn(answer)})`,
    remedy: "exempt the Secret or the rotator's user from that policy",
    retry: "never",
  };
}

function invalid(answer: Refused): Fault {
  const fields = answer.fields.length === 0 ? "" : `; it finds fault with ${answer.fields.join(", ")}`;
  return {
    problem: `is not accepted by the API server (${saidIn(answer)}${fields})`,
    remedy:
      answer.status === 413 || answer.status === 422
        ? "keep it below 1 MiB, its annotations below 256 KiB, and its type Opaque"
        : "look the request up in the audit log of the cluster",
    retry: "never",
  };
}

function troubled(answer: Refused): Fault {
  return {
    problem: `is on an API server in trouble (${saidIn(answer)})`,
    remedy: "look at kubectl get --raw /readyz?verbose; the rotator tries again",
    retry: "later",
  };
}

function saidIn({ status, reason, auditId }: Refused): string {
  return [`${status}${reason && ` ${reason}`}`, auditId && `audit id ${auditId}`].filter(Boolean).join(", ");
}
