/** Who this process is to Google, from a file. Nothing of the file may reach an error: it may hold a private key. */
import { readFile } from "node:fs/promises";
import { googleAuthLibrary } from "google-gax";
import { z } from "zod";
import { refusal } from "../faults.ts";

const { AwsClient, IdentityPoolClient, JWT } = googleAuthLibrary;

type AuthClient = InstanceType<typeof JWT | typeof IdentityPoolClient | typeof AwsClient>;

const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

/** Made with `gcloud iam service-accounts keys create`. */
const ServiceAccount = z.object({
  type: z.literal("service_account"),
  client_email: z.string(),
  private_key: z.string(),
  private_key_id: z.string().exactOptional(),
});
/** Made with `gcloud iam workload-identity-pools create-cred-config`. No programs are run for it. */
const federated = {
  type: z.literal("external_account"),
  audience: z.string(),
  subject_token_type: z.string(),
  token_url: z.string(),
  service_account_impersonation_url: z.string().exactOptional(),
};
const ofAws = z.object({
  environment_id: z.string(),
  region_url: z.string().exactOptional(),
  url: z.string().exactOptional(),
  regional_cred_verification_url: z.string(),
  imdsv2_session_token_url: z.string().exactOptional(),
});
const ofOthers = z.object({
  file: z.string().exactOptional(),
  url: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  format: z
    .object({ type: z.enum(["json", "text"]), subject_token_field_name: z.string().exactOptional() })
    .exactOptional(),
});
const Aws = z.object({ ...federated, credential_source: ofAws });
const IdentityPool = z.object({ ...federated, credential_source: ofOthers });

/** Read whenever new credentials are needed, so that a file that was replaced is found out. */
export async function credentialsIn(path: string): Promise<AuthClient> {
  const content = await readFile(path, "utf8")
    .then(JSON.parse)
    .catch(() => null);
  const account = ServiceAccount.safeParse(content).data;
  if (account) {
    const { client_email: email, private_key: key, private_key_id: keyId } = account;
    return new JWT({ email, key, ...(keyId !== undefined && { keyId }), scopes: SCOPES });
  }
  const aws = Aws.safeParse(content).data;
  if (aws) return new AwsClient({ ...aws, scopes: SCOPES });
  const pool = IdentityPool.safeParse(content).data;
  if (pool) return new IdentityPoolClient({ ...pool, scopes: SCOPES });
  throw refusal(
    path,
    "cannot be used as credentialsFile",
    "give it a service account's key, or a configuration of workload identity federation without an executable",
  );
}
