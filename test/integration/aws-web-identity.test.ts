/** A service account of Kubernetes whose role AWS does not give (IRSA): what the secret store and the consumer say. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpFake } from "../support/alerts/http-fake.ts";
import { temporaryFile } from "../support/alerts/temporary-file.ts";
import { EcsPlace } from "../support/consumers/ecs-place.ts";
import { AwsPlace } from "../support/stores/aws-secrets-manager-place.ts";

const ROLE = "arn:aws:iam::111122223333:role/rotator-of-the-cluster";
const REFUSED = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity, canary</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;
const SWITCH_OVER = {
  id: "sw_1",
  keyName: "billing",
  rotationId: null,
  fingerprint: "sha256:0123456789abcdef",
};

let opened: AsyncDisposableStack;
beforeEach(async () => {
  opened = new AsyncDisposableStack();
  const sts = opened.use(
    await HttpFake.open(() => ({ status: 403, headers: { "content-type": "text/xml" }, body: REFUSED })),
  );
  const token = opened.use(await temporaryFile("canary-of-the-service-account"));
  vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.origin);
  vi.stubEnv("AWS_WEB_IDENTITY_TOKEN_FILE", token.path);
  vi.stubEnv("AWS_ROLE_ARN", ROLE);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await opened.disposeAsync();
});

/** The fakes give this process keys of its own, which the SDK would take first. */
function withoutKeys(): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
}

const REMEDY = "let its trust policy allow sts:AssumeRoleWithWebIdentity for this service account";

describe("a service account that may not have its role", () => {
  it("is told by a secret store, with the role and the trust policy that it needs", async () => {
    await using place = await AwsPlace.open({}, "json versions");
    withoutKeys();
    await expect(place.store({ role: null }).read()).rejects.toMatchObject({
      message: `AWS secret prod/paddle in eu-west-1 cannot be reached: the role ${ROLE} (AWS_ROLE_ARN) may not be assumed (DescribeSecret: AccessDenied, status 403): ${REMEDY}`,
      effect: "none",
      retry: "never",
    });
  });

  it("is told by a consumer as well", async () => {
    await using place = await EcsPlace.open();
    place.ecs.add("web");
    withoutKeys();
    await expect(place.consumer().observe(SWITCH_OVER)).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          `^consumer billing .*the role ${ROLE} \\(AWS_ROLE_ARN\\) may not .*AccessDenied.*: ${REMEDY}$`,
        ),
      ),
      effect: "none",
      retry: "never",
    });
  });
});
