/** Everything that is fuzzed: one line each. */
import type { Target } from "./target.ts";
import { adminApi } from "./targets/admin-api.ts";
import { attestation } from "./targets/attestation.ts";
import { envFile } from "./targets/env-file.ts";
import { rotatorYaml } from "./targets/rotator-yaml.ts";
import { signatureHeader } from "./targets/signature-header.ts";
import { webhookBody } from "./targets/webhook-body.ts";

export const TARGETS: readonly Target[] = [
  signatureHeader,
  webhookBody,
  attestation,
  adminApi,
  rotatorYaml,
  envFile,
];
