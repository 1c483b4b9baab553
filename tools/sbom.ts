/**
 * `npm run sbom [-- cyclonedx|spdx]`: what a release is made of, as npm reads it from package-lock.json without network.
 * What only tests and tools use is left out here, because npm's own --omit=dev also leaves out what both use. The same
 * commit gives the same bytes: npm's random serial number and its date are replaced by ones of the content and of
 * SOURCE_DATE_EPOCH (seconds; left out: 0).
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { dependenciesIn } from "./licences.ts";

const ROOT = resolve(import.meta.dirname, "..");
const Format = z.enum(["cyclonedx", "spdx"]);

const Cyclonedx = z.looseObject({
  metadata: z.looseObject({ timestamp: z.string() }),
  components: z.array(z.looseObject({ "bom-ref": z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});
const Spdx = z.looseObject({
  documentNamespace: z.string(),
  creationInfo: z.looseObject({ created: z.string() }),
  packages: z.array(
    z.looseObject({ SPDXID: z.string(), name: z.string(), versionInfo: z.string().optional() }),
  ),
  relationships: z.array(z.looseObject({ spdxElementId: z.string(), relatedSpdxElement: z.string() })),
});

const format = Format.safeParse(process.argv[2] ?? "cyclonedx");
if (!format.success) {
  console.error("Usage: npm run sbom [-- cyclonedx|spdx]");
  process.exit(2);
}

/** `name@version` of what nobody but tests and tools uses. */
const unshipped: ReadonlySet<string> = (() => {
  const all = dependenciesIn(readFileSync(resolve(ROOT, "package-lock.json"), "utf8"));
  const refs = (dev: boolean) =>
    new Set(all.filter((one) => one.dev === dev).map(({ name, version }) => `${name}@${version}`));
  return refs(true).difference(refs(false));
})();

const isShipped = (ref: string) => !unshipped.has(ref);

const given: unknown = JSON.parse(
  execFileSync("npm", ["sbom", "--package-lock-only", "--offline", `--sbom-format=${format.data}`], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  }),
);
const created = new Date(Number(process.env["SOURCE_DATE_EPOCH"] ?? 0) * 1_000).toISOString();
console.log(JSON.stringify(format.data === "cyclonedx" ? cyclonedx() : spdx(), null, 2));

function cyclonedx(): object {
  const { metadata, components, dependencies, ...rest } = Cyclonedx.parse(given);
  const document = {
    ...rest,
    metadata: { ...metadata, timestamp: created },
    components: components.filter((component) => isShipped(component["bom-ref"])),
    dependencies: dependencies
      .filter(({ ref }) => isShipped(ref))
      .map((one) => ({ ...one, dependsOn: one.dependsOn.filter(isShipped) })),
    serialNumber: undefined,
  };
  return { ...document, serialNumber: `urn:uuid:${uuidOf(document)}` };
}

function spdx(): object {
  const { documentNamespace, creationInfo, packages, relationships, ...rest } = Spdx.parse(given);
  const gone = new Set(
    packages
      .filter(({ name, versionInfo }) => unshipped.has(`${name}@${versionInfo}`))
      .map(({ SPDXID }) => SPDXID),
  );
  const document = {
    ...rest,
    creationInfo: { ...creationInfo, created },
    packages: packages.filter(({ SPDXID }) => !gone.has(SPDXID)),
    relationships: relationships.filter(
      ({ spdxElementId, relatedSpdxElement }) => !gone.has(spdxElementId) && !gone.has(relatedSpdxElement),
    ),
  };
  const place = documentNamespace.replace(/[^/]*$/, "");
  return { ...document, documentNamespace: `${place}${uuidOf(document)}` };
}

/** RFC 9562, version 8: of our own making, from the content. */
function uuidOf(document: object): string {
  const hex = createHash("sha256").update(JSON.stringify(document)).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
