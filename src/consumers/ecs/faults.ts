/** AWS's answers as errors that name the consumer, what AWS said, and what to do. */
import { type AwsFailure, NO_REGION, ROLE_DENIED } from "../../aws/failure.ts";
import { roleDenied } from "../../aws/role.ts";
import type { ConsumerError } from "../../core/consumer.ts";
import { refusal, setback, uncertainty } from "../faults.ts";
import type { EcsPlace } from "./policy.ts";

/** What was asked, by the name that AWS has for it in policies too. */
export type Operation = "DescribeServices" | "UpdateService" | "ListTasks";

export type Asked = { readonly operation: Operation; readonly service: string | null };

export function toConsumerError(
  consumer: string,
  { cluster, role }: EcsPlace,
  { operation, service }: Asked,
  failure: AwsFailure,
): ConsumerError {
  const said = `(${operation}: ${failure.words})`;
  const which = service === null ? `the cluster ${cluster}` : `the service ${service}`;
  if (failure.denied)
    return refusal(
      consumer,
      `is closed to this process, which may not ecs:${operation} on ${which} ${said}`,
      "allow it; `npm run rotator -- check` prints the policy",
    );
  if (failure.credentialsRefused)
    return setback(
      consumer,
      `cannot be rolled out: AWS refuses the credentials of this process ${said}`,
      "give it new ones; they are read again at the next try",
    );
  switch (failure.code) {
    case "ClusterNotFoundException":
      return refusal(consumer, `has no cluster ${cluster} ${said}`, "configure the right region and cluster");
    case "ServiceNotFoundException":
    case "ServiceNotActiveException":
      return missing(consumer, service ?? "", failure.code);
    case "CredentialsProviderError":
      return setback(
        consumer,
        "cannot be rolled out: the SDK finds no AWS credentials",
        "give this process a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      );
    case NO_REGION:
      return refusal(consumer, "cannot be rolled out: no region is known", "set its region, or AWS_REGION");
    case ROLE_DENIED: {
      const { problem, remedy } = roleDenied(role);
      return refusal(consumer, `cannot be rolled out: ${problem} ${said}`, remedy);
    }
    default:
      return other(consumer, operation, said, failure);
  }
}

function other(consumer: string, operation: Operation, said: string, failure: AwsFailure): ConsumerError {
  if (failure.throttled)
    return setback(consumer, `was asked for too often ${said}`, "nothing to do; it is tried again later");
  if (failure.mayBeDone && operation === "UpdateService")
    return uncertainty(
      consumer,
      `may or may not have been told: AWS gave no answer ${said}`,
      "nothing to do; it is looked at again before it is told again",
    );
  if (failure.passing || failure.mayBeDone || failure.status === null)
    return setback(
      consumer,
      `cannot be looked at: AWS does not answer ${said}`,
      "see AWS's status page and the way there; it is tried again later",
    );
  return refusal(consumer, `was refused ${said}`, "look the code up in the reference of that operation");
}

/** @param why ECS's word */
export function missing(consumer: string, service: string, why: string): ConsumerError {
  return refusal(
    consumer,
    `has no service ${service} (${why})`,
    "correct services, cluster or region, or make the service again",
  );
}

export function notOurs(consumer: string, service: string, controller: string): ConsumerError {
  return refusal(
    consumer,
    `cannot be rolled out: the deployments of the service ${service} are made by ${controller}, not by ECS`,
    "take it out of services and deploy it by a consumer of type command",
  );
}

export function unreadable(consumer: string, operation: Operation): ConsumerError {
  return setback(
    consumer,
    `cannot be looked at: AWS answered with something that is none of its services (${operation})`,
    "see that endpoint is that of ECS and not of a proxy; it is tried again later",
  );
}
