/** What an answer of AWS, or none, means for trying again. */
import { expect, it } from "vitest";
import { AwsFailure } from "../../../src/aws/failure.ts";

it.each<[what: string, failure: AwsFailure, mayBeDone: boolean, passing: boolean]>([
  ["an answer that cannot be read", new AwsFailure("SyntaxError", 200), true, false],
  ["trouble at AWS", new AwsFailure("InternalServiceError", 500), true, true],
  ["too many requests", new AwsFailure("ThrottlingException", 400), false, true],
  ["a refusal", new AwsFailure("AccessDeniedException", 400), false, false],
  ["a clock that is wrong", new AwsFailure("RequestTimeTooSkewed", 403), false, true],
  ["a broken connection", new AwsFailure("ECONNRESET"), true, true],
  ["a closed port", new AwsFailure("ECONNREFUSED"), false, true],
  ["a name that cannot be resolved now", new AwsFailure("EAI_AGAIN"), false, true],
  ["no credentials", new AwsFailure("CredentialsProviderError"), false, false],
])("%s: may be done, and worth another try", (_what, failure, mayBeDone, passing) => {
  expect([failure.mayBeDone, failure.passing]).toEqual([mayBeDone, passing]);
});
