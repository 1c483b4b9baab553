/** Whether we may ship what we depend on, and what may run when it is installed: read from package-lock.json, offline. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";

const ROOT = resolve(import.meta.dirname, "..");

/** Permissive: they ask for their notice to be kept, at most. */
const SHIPPED: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
  "Zlib",
]);
/** What only tests and tools use is not handed to anybody: there, changes to the files themselves may have to be open. */
const USED: ReadonlySet<string> = new Set([...SHIPPED, "MPL-2.0"]);

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
    }),
  ),
});

const Manifest = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

export type Dependency = {
  /** As npm knows it. */
  readonly name: string;
  readonly version: string;
  /** As its author says, in SPDX's words; null: nothing is said. */
  readonly licence: string | null;
  /** Only tests and tools use it. */
  readonly dev: boolean;
  readonly hasInstallScript: boolean;
  readonly hasChecksum: boolean;
};

/** @param lock the text of package-lock.json */
export function dependenciesIn(lock: string): readonly Dependency[] {
  const { packages } = Lock.parse(JSON.parse(lock));
  return Object.entries(packages).flatMap(([path, found]) => {
    // The one without a path is ourselves.
    if (path === "") return [];
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return [
      {
        name,
        version: found.version ?? "",
        licence: found.license ?? null,
        dev: found.dev,
        hasInstallScript: found.hasInstallScript,
        hasChecksum: found.integrity !== undefined,
      },
    ];
  });
}

/** Lines about dependencies that we may not use as they are; none: all is well. */
export function faultsOf(dependencies: readonly Dependency[], manifest: string): readonly string[] {
  const { allowScripts } = Manifest.parse(JSON.parse(manifest));
  return dependencies.flatMap((dependency) => {
    const { name, version, licence, dev, hasInstallScript, hasChecksum } = dependency;
    const fault = (what: string) => `${name}@${version} ${what}`;
    const faults: string[] = [];
    if (!isAllowed(licence, dev ? USED : SHIPPED))
      faults.push(
        fault(`has the licence ${licence ?? "of nobody's word"}, which is not among those allowed`),
      );
    if (hasInstallScript && !Object.hasOwn(allowScripts, name))
      faults.push(fault("runs a script when it is installed; decide in allowScripts of package.json"));
    if (!hasChecksum) faults.push(fault("has no checksum"));
    return faults;
  });
}

/** `A OR B` is a choice, `A AND B` is both. Nothing deeper is in use, and what is not understood is not allowed. */
function isAllowed(licence: string | null, allowed: ReadonlySet<string>): boolean {
  const bare = (licence ?? "").replace(/^\(([^()]*)\)$/, "$1");
  if (/[()]/.test(bare) || bare === "") return false;
  return bare.split(" OR ").some((choice) => choice.split(" AND ").every((one) => allowed.has(one.trim())));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [lock, manifest] = ["package-lock.json", "package.json"].map((file) =>
    readFileSync(resolve(ROOT, file), "utf8"),
  );
  const dependencies = dependenciesIn(lock ?? "");
  const faults = faultsOf(dependencies, manifest ?? "");
  for (const fault of faults) console.error(fault);
  const shipped = Map.groupBy(
    dependencies.filter(({ dev }) => !dev),
    ({ licence }) => licence ?? "",
  );
  for (const [licence, held] of [...shipped].toSorted(([, a], [, b]) => b.length - a.length))
    console.log(`${String(held.length).padStart(4)} ${licence}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
