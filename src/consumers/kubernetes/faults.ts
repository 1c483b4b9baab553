/** What came of a call, where it was no answer, as errors that name the consumer, the answer and the remedy. */
import { ConsumerError } from "../../core/consumer.ts";
import type { Retry } from "../../core/errors.ts";
import type { Failure, Refused } from "../../kubernetes/answers.ts";
import type { Asked } from "../../kubernetes/caller.ts";
import { refusal } from "../faults.ts";
import { resourceOf, type Target, type Verb } from "./role.ts";
import { type Kind, labelOf } from "./workload.ts";

/** What was asked for. `name`: null: all that match. `namespace`: null: it is not known. */
export type Question = {
  readonly verb: Verb;
  readonly kind: Kind | "pod";
  readonly name: string | null;
  readonly namespace: string | null;
};

/** Halves of one sentence, and whether the fault may pass by itself. */
type Fault = { readonly problem: string; readonly remedy: string; readonly retry: Retry };

export function toConsumerError(
  consumer: string,
  failure: Failure,
  question: Question,
  asked: Asked,
): ConsumerError {
  const { problem, remedy, retry } = faultOf(failure, question, asked);
  const retryAfterMs = failure.kind === "refused" ? failure.answer.retryAfterMs : null;
  return new ConsumerError(`consumer ${consumer} ${problem}: ${remedy}`, {
    effect: asked.effect,
    retry,
    retryAfterMs: retry === "later" ? retryAfterMs : null,
  });
}

/** Nothing uses the key, or the selector is wrong: either way nothing is proved. */
export function matchesNothing(consumer: string, { namespace, selector }: Target): ConsumerError {
  const kinds = selector?.kinds.map(resourceOf).join(", ") ?? "";
  return refusal(
    consumer,
    `matches no workload (${kinds} with ${selector?.labels ?? ""}${inNamespace(namespace)})`,
    "correct selector, kinds or namespace; take the consumer out if nothing uses the key any more",
  );
}

export function matchesTooMany(consumer: string, most: number): ConsumerError {
  return refusal(
    consumer,
    `has more than ${most} workloads, or one with too many pods to look at`,
    "make several consumers of it, each with a narrower selector",
  );
}

export function isMissing(failure: Failure): boolean {
  return failure.kind === "refused" && failure.answer.status === 404;
}

function faultOf(failure: Failure, question: Question, { server, identity }: Asked): Fault {
  switch (failure.kind) {
    case "refused":
      return refusedFault(failure.answer, question, identity);
    case "no answer":
      return {
        problem: `cannot be rolled out: its API server ${server} cannot be reached (${failure.code})`,
        remedy: "see that it runs and that no NetworkPolicy is in the way; the rotator tries again",
        retry: "later",
      };
    case "untrusted":
      return {
        problem: `cannot be rolled out: its API server ${server} proves to be another (${failure.code})`,
        remedy: "correct certificate-authority in the kubeconfig, or ask who stands between",
        retry: "never",
      };
    case "no credentials":
      return {
        problem: `cannot be rolled out: ${identity} gives no credentials`,
        remedy: "run kubectl with it to see what its plugin or its token file says; the rotator tries again",
        retry: "later",
      };
    case "unusable":
      return { problem: failure.problem, remedy: failure.remedy, retry: "never" };
    case "unreadable":
      return {
        problem: `cannot be rolled out: ${server} answered with something that is no ${question.kind}`,
        remedy: "see that the address is that of an API server and not of a proxy or a sign-in page",
        retry: "later",
      };
    default:
      return failure satisfies never;
  }
}

function refusedFault(answer: Refused, question: Question, identity: string): Fault {
  const { status, admission } = answer;
  const said = saidIn(answer);
  if (status === 401)
    return {
      problem: `is closed to ${identity} (${said})`,
      remedy: "its token has expired or is of another cluster; renew it, the rotator reads it again",
      retry: "later",
    };
  if (status === 403)
    return admission === null
      ? notAllowed(answer, question, identity)
      : notAdmitted(admission, said, question);
  if (status === 404)
    return {
      problem: `has no ${wordsFor(question)} (${said})`,
      remedy: "make it again, or take it out of workloads",
      retry: "never",
    };
  if (status === 429)
    return {
      problem: `is on an API server that is asked too often (${said})`,
      remedy: "look for what floods it; the rotator tries again",
      retry: "later",
    };
  // 409: others write it all the time; 410: a list took too long.
  if (status >= 500 || status === 409 || status === 410)
    return {
      problem: `is on an API server in trouble (${said})`,
      remedy: "look at kubectl get --raw /readyz?verbose; the rotator tries again",
      retry: "later",
    };
  return {
    problem: `cannot ${question.verb} ${wordsFor(question)}, says the API server (${said})`,
    remedy: "look the request up in the audit log of the cluster",
    retry: "never",
  };
}

/** A person may have taken away a permission half-way: it says which one, and how to give it back. */
function notAllowed(answer: Refused, question: Question, identity: string): Fault {
  const { verb, kind } = question;
  const [group, resource] = kind === "pod" ? ['""', "pods"] : ["apps", resourceOf(kind)];
  const name = question.name === null ? "" : ` "${question.name}"`;
  return {
    problem: `is closed to ${answer.user ?? identity} (${saidIn(answer)}), which may not ${verb} ${resource}${name}${inNamespace(question.namespace)}`,
    remedy: `bind it to a Role with apiGroups [${group}], resources [${resource}], verbs [${verb}]; \`npm run rotator -- check\` prints it`,
    retry: "never",
  };
}

function notAdmitted(admission: string, said: string, question: Question): Fault {
  return {
    problem: `may not be restarted, says the admission of the cluster (${admission}, ${said})`,
    remedy: `exempt ${wordsFor(question)} or the rotator's user from that policy`,
    retry: "never",
  };
}

function wordsFor({ kind, name, namespace }: Question): string {
  const what = kind === "pod" ? "pods" : name === null ? resourceOf(kind) : labelOf({ kind, name });
  return `${what}${inNamespace(namespace)}`;
}

function inNamespace(namespace: string | null): string {
  return namespace === null ? "" : ` in the namespace ${namespace}`;
}

function saidIn({ status, reason, auditId }: Refused): string {
  return [`${status}${reason && ` ${reason}`}`, auditId && `audit id ${auditId}`].filter(Boolean).join(", ");
}
