/** The section `store` of type google-secret-manager: which two secrets of which project. */
import { resolve } from "node:path";
import { z } from "zod";
import { text } from "../fields.ts";
import { isLoopback } from "../loopback.ts";
import { section } from "../section.ts";
import type { StorePlace } from "./place.ts";

export type GoogleSecretManagerConfig = {
  readonly type: "google-secret-manager";
  readonly project: string;
  readonly secret: string;
  readonly rotatorSecret: string;
  /** null: the secrets are global. */
  readonly location: string | null;
  /** Origin of the API; null: Google's own for the location. */
  readonly endpoint: string | null;
  /** Absolute; null: Application Default Credentials. */
  readonly credentialsFile: string | null;
  readonly place: StorePlace;
};

const OWN_SUFFIX = "-rotator";
const MOST_CHARACTERS = 255;

const project = text("the ID of a project, or its number in quotes", (id) => {
  return /^([a-z\d.-]+:)?[a-z][a-z\d-]{4,28}[a-z\d]$|^\d{1,20}$/.test(id);
});

const secretName = text("the name of a secret: 1 to 255 of letters, digits, _ and -", (name) => {
  return /^[\w-]{1,255}$/.test(name);
});

const endpoint = text("an https:// address without a path (http:// only on this machine)", (address) => {
  const url = URL.parse(address);
  if (!url || url.href !== `${url.origin}/`) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}).transform((address) => new URL(address).origin);

/** @param folder relative paths start here */
export function googleSecretManager(folder: string) {
  return section({
    type: z.literal("google-secret-manager"),
    project,
    secret: secretName,
    rotatorSecret: secretName.optional(),
    location: text("a region, such as europe-west3", (name) => /^[a-z]+(-[a-z\d]+)+$/.test(name)).optional(),
    endpoint: endpoint.optional(),
    credentialsFile: text("the path of a file", (path) => path !== "" && !path.includes("\0")).optional(),
  })
    .superRefine(({ secret, rotatorSecret }, context) => {
      const path = ["rotatorSecret"];
      if (rotatorSecret === secret) {
        const message = "must be another secret than that of the applications";
        context.addIssue({ code: "custom", path, message });
      }
      if (rotatorSecret === undefined && secret.length + OWN_SUFFIX.length > MOST_CHARACTERS) {
        const message = `is missing; ${OWN_SUFFIX} would make the secret's name too long`;
        context.addIssue({ code: "custom", path, message });
      }
    })
    .transform(({ credentialsFile, ...given }): GoogleSecretManagerConfig => {
      const { secret, rotatorSecret = `${secret}${OWN_SUFFIX}`, location = null } = given;
      const place = {
        container: `google secret manager ${given.project} ${location ?? ""}`,
        noun: "secret of a project",
        namesIn: null,
        names: { active: secret, rotator: rotatorSecret },
      };
      return {
        type: given.type,
        project: given.project,
        secret,
        rotatorSecret,
        location,
        endpoint: given.endpoint ?? null,
        credentialsFile: credentialsFile === undefined ? null : resolve(folder, credentialsFile),
        place,
      };
    });
}
