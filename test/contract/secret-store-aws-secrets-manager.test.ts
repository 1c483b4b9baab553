import { AwsPlace, type Layout } from "../support/stores/aws-secrets-manager-place.ts";
import { secretStoreContract } from "./secret-store.contract.ts";

const LAYOUTS: readonly Layout[] = ["json versions", "plain versions", "fields"];

for (const layout of LAYOUTS)
  secretStoreContract(
    `AWS Secrets Manager (${layout})`,
    (beside) => AwsPlace.open(beside, layout),
    "a network",
  );
