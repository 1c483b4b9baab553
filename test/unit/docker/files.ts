/** What the containers are made of, as the tests of this folder look at it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

export const ROOT = resolve(import.meta.dirname, "../../..");

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Paths of the files in a folder and below it, from the root. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}

const Limits = z.object({ cpus: z.string(), memory: z.string(), pids: z.number() });
const Service = z.looseObject({
  image: z.string(),
  user: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.union([z.string(), z.looseObject({ source: z.string() })])).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.union([z.string(), z.looseObject({ source: z.string() })])).default([]),
  networks: z.array(z.string()).default(["default"]),
  stop_grace_period: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  healthcheck: z
    .looseObject({ test: z.array(z.string()).optional(), disable: z.boolean().optional() })
    .optional(),
  deploy: z.object({ resources: z.object({ limits: Limits }) }).optional(),
});
export type Service = z.output<typeof Service>;

const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.record(z.string(), z.string())),
});

export function readCompose(): z.output<typeof Compose> {
  return Compose.parse(parse(textOf("docker-compose.yml"), { merge: true }));
}

const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
export type Manifest = z.output<typeof Manifest>;

/** Every Kubernetes object of docker/kubernetes, with the file that it is in. */
export function readManifests(): { file: string; manifest: Manifest }[] {
  return filesIn("docker/kubernetes")
    .filter((file) => !/(?:kustomization|keys)\.yaml$/.test(file))
    .flatMap((file) =>
      parseAllDocuments(textOf(file)).map((document) => ({
        file,
        manifest: Manifest.parse(document.toJS()),
      })),
    );
}

/** How long main.ts takes to stop at the most. */
export function stopDeadlineSeconds(): number {
  const [, digits = ""] = /STOP_DEADLINE_MS = ([\d_]+);/.exec(textOf("src/main.ts")) ?? [];
  return Number(digits.replaceAll("_", "")) / 1000;
}
