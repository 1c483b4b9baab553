/** docs/applications/go. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationContract } from "./application.contract.ts";
import { endpointContract } from "./endpoint.contract.ts";
import type { Language } from "./place.ts";
import { placesContract } from "./places.contract.ts";
import { ensureProgram } from "./programs.ts";

const HELPER = resolve(import.meta.dirname, "../../../docs/applications/go");
const SAMPLE = resolve(import.meta.dirname, "samples/go");

const go = ensureProgram({ name: "go", aptPackage: "golang-go" });
const built = mkdtempSync(join(tmpdir(), "application-go-"));

/** Offline, without a C compiler, and with whichever Go is there: its standard library is all that is needed. */
function run(program: string, args: string[], cwd: string): string {
  const env = { ...process.env, GOPROXY: "off", GOTOOLCHAIN: "local", CGO_ENABLED: "0", GOFLAGS: "" };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args[0]} ended with ${status}:\n${stderr}`);
  return stdout + stderr;
}

beforeAll(() => {
  run(go, ["build", "-o", join(built, "sample"), "."], SAMPLE);
}, 120_000);

afterAll(() => rmSync(built, { recursive: true }));

const language: Language = { name: "Go", command: () => [join(built, "sample")], remembers: true };

applicationContract(language);
placesContract(language);
endpointContract(language);

describe("the helper in Go", () => {
  it("is as gofmt and go vet have it", () => {
    expect(run("gofmt", ["-l", HELPER, SAMPLE], HELPER)).toBe("");
    expect(run(go, ["vet", "."], HELPER)).toBe("");
  });
});
