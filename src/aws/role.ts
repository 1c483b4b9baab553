/** Which role could not be assumed, and whose policy has to allow it: the same words for every service of AWS. */
import { quoted } from "../core/quoted.ts";
import type { AwsAccess } from "./client.ts";

/** What the SDK reads by itself, of which we see nothing else. */
type Environment = {
  readonly AWS_ROLE_ARN?: string | undefined;
  readonly AWS_WEB_IDENTITY_TOKEN_FILE?: string | undefined;
};

/**
 * For ROLE_DENIED: two halves of one sentence, without quoting AWS.
 *
 * @param role of our own configuration
 */
export function roleDenied(
  role: AwsAccess["role"],
  { AWS_ROLE_ARN: arn, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile }: Environment = process.env,
): { readonly problem: string; readonly remedy: string } {
  if (role)
    return {
      problem: `the role ${role.arn} may not be assumed`,
      remedy: "allow this process sts:AssumeRole on it, and let the role's trust policy name this process",
    };
  if (arn && tokenFile)
    return {
      problem: `the role ${quoted(arn)} (AWS_ROLE_ARN) may not be assumed`,
      remedy: "let its trust policy allow sts:AssumeRoleWithWebIdentity for this service account",
    };
  return {
    problem: "the role of the AWS profile may not be assumed",
    remedy:
      "see its role_arn, allow this process sts:AssumeRole on it, and let its trust policy name this process",
  };
}
