/** What this process must be allowed to do, in Google's words. */
import type { StoreGuide } from "../../core/ports.ts";

export const ACCESS = "secretmanager.versions.access";
export const ADD = "secretmanager.versions.add";
export const LIST = "secretmanager.versions.list";
export const DISABLE = "secretmanager.versions.disable";
export const GET = "secretmanager.secrets.get";
export const UPDATE = "secretmanager.secrets.update";

/** On both secrets. Without them there is no reading and no writing; the others are for what follows a write. */
export const FOR_WRITING: readonly Permission[] = [ACCESS, ADD];
/** On the rotator's secret. */
export const FOR_WORKBENCH = [ACCESS, ADD, LIST, DISABLE, GET] as const;
/** On the applications' secret. */
export const FOR_APPLICATION = [...FOR_WORKBENCH, UPDATE] as const;

export type Permission = (typeof FOR_APPLICATION)[number];

/** Which two secrets of which project. */
export type Names = {
  readonly project: string;
  readonly secret: string;
  readonly rotatorSecret: string;
  readonly location: string | null;
};

export function resourceOf({ project, location }: Names, secret: string): string {
  const parent = location === null ? `projects/${project}` : `projects/${project}/locations/${location}`;
  return `${parent}/secrets/${secret}`;
}

export function guideTo(names: Names): StoreGuide {
  const { project, secret, rotatorSecret, location } = names;
  const at = `--project=${project}${location === null ? "" : ` --location=${location}`}`;
  const grant = (name: string) =>
    `gcloud secrets add-iam-policy-binding ${name} ${at} --member="$ROTATOR" --role=projects/${project}/roles/paddleKeyRotator`;
  const application = resourceOf(names, secret);
  return {
    applicationsRead: `the newest version of ${application}, and its version "old" if Paddle refuses that`,
    needs: [
      "# the rotator's identity, e.g. serviceAccount:paddle-key-rotator@PROJECT.iam.gserviceaccount.com",
      "ROTATOR=…",
      `gcloud iam roles create paddleKeyRotator --project=${project} --title="Paddle key rotator" --stage=GA --permissions=${FOR_APPLICATION.join(",")}`,
      grant(secret),
      grant(rotatorSecret),
    ],
  };
}

/** How the secret is made. Neither of the two is made by the rotator: who may read it is for people to say. */
export function creationOf({ project, location }: Names, secret: string): string {
  return location === null
    ? `gcloud secrets create ${secret} --project=${project} --replication-policy=automatic`
    : `gcloud secrets create ${secret} --project=${project} --location=${location}`;
}
