/** Which role AWS does not give, and whose policy has to allow it. */
import { expect, it } from "vitest";
import { roleDenied } from "../../../src/aws/role.ts";

const OURS = "arn:aws:iam::111122223333:role/rotator";
const THEIRS = "arn:aws:iam::111122223333:role/cluster";
const WEB_IDENTITY = { AWS_ROLE_ARN: THEIRS, AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/token" };

it("is the one of our configuration, whatever the environment has", () => {
  expect(roleDenied({ arn: OURS, externalId: null }, WEB_IDENTITY)).toEqual({
    problem: `the role ${OURS} may not be assumed`,
    remedy: "allow this process sts:AssumeRole on it, and let the role's trust policy name this process",
  });
});

it("is the environment's, which a web identity assumes", () => {
  expect(roleDenied(null, WEB_IDENTITY)).toEqual({
    problem: `the role ${THEIRS} (AWS_ROLE_ARN) may not be assumed`,
    remedy: "let its trust policy allow sts:AssumeRoleWithWebIdentity for this service account",
  });
});

it("is else one of the profile: without a token the SDK assumes no role of the environment", () => {
  const { problem, remedy } = roleDenied(null, { AWS_ROLE_ARN: THEIRS });
  expect(problem).toBe("the role of the AWS profile may not be assumed");
  expect(remedy).toContain("role_arn");
});
