/** The Dockerfile copies what the service needs and nothing that it should not have. docker/verify builds it. */
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { filesIn, textOf } from "./files.ts";

const DOCKERFILE = textOf("Dockerfile");
const instructions = DOCKERFILE.replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n/g, " ")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => {
    const [word = "", ...rest] = line.trim().split(/\s+/);
    return { word, words: rest };
  });
const stages = DOCKERFILE.split(/^(?=FROM )/m).slice(1);
const stage = (name: string) =>
  stages.find((text) => text.startsWith(`FROM`) && text.split("\n")[0]?.endsWith(` AS ${name}`)) ?? "";

const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(textOf("package.json")));

/** The modules that a text imports, by any of the ways to do so. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  const ways =
    /(?:^\s*(?:import|export)[^"';]*?from\s*|^\s*import\s*|\bimport\(\s*|\bresolve\(\s*)"([^"]+)"/gm;
  return [...code.matchAll(ways)].map(([, name = ""]) => name);
}

function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

const code = filesIn("src").filter((file) => /\.[mc]?[jt]s$/.test(file));
const imports = code.flatMap((file) => importsOf(textOf(file)).map((name) => ({ file, name })));

describe("what src imports", () => {
  it("is found", () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(
      importsOf('import type { A } from "a";\nexport {\n  b,\n} from "b";\nawait import("c");\nimport "d";'),
    ).toEqual(["a", "b", "c", "d"]);
  });

  it("is a dependency that the image installs, never one of the development", () => {
    const packages = imports.filter(({ name }) => !/^(?:\.|node:)/.test(name));
    const missing = packages.filter(({ name }) => !(packageOf(name) in manifest.dependencies));
    expect(missing.filter(({ name }) => !builtinModules.includes(name))).toEqual([]);
  });

  it("lies below src, where the image has it", () => {
    const outside = imports
      .filter(({ name }) => name.startsWith("."))
      .filter(({ file, name }) => !join(dirname(file), name).startsWith("src/"));
    expect(outside).toEqual([]);
  });

  it("is never of a kind that the image leaves out of its packages", () => {
    const deleted = [...stage("build").matchAll(/-name '\*(\.\w+)'/g)].map(([, ending = ""]) => ending);
    expect(deleted).toContain(".ts");
    const packages = imports.filter(({ name }) => !name.startsWith("."));
    expect(packages.filter(({ name }) => deleted.some((ending) => name.endsWith(ending)))).toEqual([]);
  });

  it("that it reads by path lies below src or is package.json", () => {
    const paths = code.flatMap((file) =>
      [...textOf(file).matchAll(/new URL\([`"](\.[^`"$]*)[^`"]*[`"], import\.meta\.url\)/g)].map(
        ([, path = ""]) => join(dirname(file), path),
      ),
    );
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => path !== "package.json" && !path.startsWith("src/"))).toEqual([]);
  });
});

describe("the build context", () => {
  const [everything, ...kept] = textOf(".dockerignore").trim().split("\n");
  const open = kept.map((line) => line.slice(1));

  it("holds nothing but what is named", () => {
    expect(everything).toBe("*");
    expect(kept.every((line) => /^![\w/.-]+$/.test(line))).toBe(true);
  });

  it("holds all that the Dockerfile copies, and no more", () => {
    const copied = instructions
      .filter(({ word, words }) => word === "COPY" && !words.some((one) => one.startsWith("--from")))
      .flatMap(({ words }) => words.slice(0, -1));
    expect([...new Set(copied)].toSorted()).toEqual(open.toSorted());
    for (const path of open) expect(() => textOf(path), path).not.toThrow(/ENOENT/);
  });

  it("holds no secret's usual place", () => {
    for (const path of open) expect(path).not.toMatch(/secret|\.env|data|\.git/);
  });
});

describe("the Dockerfile", () => {
  it("builds where no registry but the base images' can be asked", () => {
    expect(DOCKERFILE).not.toMatch(/^#\s*syntax/im);
    expect(instructions.filter(({ word }) => word === "ADD")).toEqual([]);
  });

  it("names a version of each base image", () => {
    const names = new Set(
      instructions.filter(({ word }) => word === "FROM").flatMap(({ words }) => words[2] ?? []),
    );
    for (const { word, words } of instructions) {
      const [base = ""] = words;
      if (word !== "FROM" || names.has(base)) continue;
      expect(base).toMatch(/:[\w.-]+$/);
      expect(base).not.toMatch(/:latest$/);
    }
  });

  it("builds the service, and not the demo, where no target is named", () => {
    expect(stages.at(-1)?.trim()).toBe("FROM service");
  });

  it("gives the service no shell to its name, a user by number and a health check without one", () => {
    const service = stage("service");
    expect(service).toMatch(/^USER 65532:65532$/m);
    expect(service).toMatch(/^HEALTHCHECK .*CMD \["\/usr\/bin\/node", "\/app\/docker\/healthcheck\.mjs"\]$/m);
    expect(service).toMatch(/^ENTRYPOINT \["\/usr\/bin\/node", "--disable-sigusr1"/m);
    expect(service).not.toMatch(/^RUN /m);
    expect(service).toMatch(/^STOPSIGNAL SIGTERM$/m);
  });

  it("compiles ahead as the user and with the flags of the service: else the cache is not found", () => {
    const [, flags = ""] = /^ENTRYPOINT \["\/usr\/bin\/node", (.*)\]$/m.exec(stage("service")) ?? [];
    const line = `/runtime/usr/bin/node ${flags.replaceAll(/[",]/g, "")} docker/warm-up.mjs`;
    expect(stage("build")).toContain(line);
    expect(stage("build").indexOf("USER 65532:65532")).toBeLessThan(stage("build").indexOf(line));
  });

  it("installs exactly what package-lock.json says, without running a script of any package", () => {
    const installs = [...DOCKERFILE.matchAll(/npm (\S+)([^\n&]*)/g)].filter(
      ([, verb]) => verb !== "installs",
    );
    for (const [line, verb] of installs.filter(([text]) => !text.startsWith("npm, "))) {
      expect(verb).toBe("ci");
      expect(line).toContain("--ignore-scripts");
    }
    expect(stage("build")).toMatch(/npm ci --omit=dev --omit=optional/);
  });

  it("installs for the demo only packages that are there", () => {
    const copied = [...DOCKERFILE.matchAll(/COPY --from=demo-build \/app\/node_modules\/(\S+)/g)].map(
      ([, name = ""]) => name,
    );
    for (const name of copied) expect(manifest.devDependencies).toHaveProperty([name]);
    const demo = [
      "demo/app.ts",
      ...filesIn("docker/demo"),
      ...filesIn("test/support/paddle-simulator"),
    ].filter((file) => file.endsWith(".ts"));
    const needed = demo.flatMap((file) =>
      importsOf(textOf(file)).filter((name) => !/^(?:\.|node:)/.test(name)),
    );
    for (const name of needed)
      expect([...Object.keys(manifest.dependencies), ...copied]).toContain(packageOf(name));
  });
});
