/** Where the tests' promtool comes from. It is never left out silently: either it is there or one line tells how to get it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findOnPath } from "./owned-process.ts";

const REMEDY = "install Debian's package prometheus, or put promtool of a Prometheus release into PATH";
const CACHED = resolve(import.meta.dirname, "../../node_modules/.cache/promtool/promtool");

/**
 * The path of promtool. As root on Debian it gets what is missing: out of the package, without installing that, because
 * the package starts a Prometheus on the port of our admin listener. Throws the remedy where it can't.
 */
export function ensurePromtool(): string {
  const path = findOnPath("promtool") ?? (existsSync(CACHED) ? CACHED : null);
  if (path) return path;
  const canFetch = process.getuid?.() === 0 && findOnPath("apt-get") && findOnPath("dpkg-deb");
  if (!canFetch) throw new Error(`promtool is not in PATH: ${REMEDY}`);
  process.stderr.write("The tests need promtool: taking it out of Debian's package prometheus.\n");
  mkdirSync(dirname(CACHED), { recursive: true });
  const folder = mkdtempSync(join(dirname(CACHED), "package-"));
  try {
    run("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=120", "update"], folder);
    run("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", "prometheus"], folder);
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
    run("dpkg-deb", ["--extract", archive ?? "", "unpacked"], folder);
    renameSync(join(folder, "unpacked/usr/bin/promtool"), CACHED);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return CACHED;
}

function run(program: string, args: readonly string[], cwd: string): void {
  const { status, error } = spawnSync(program, args, {
    cwd,
    // Standard output belongs to the test report.
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0)
    throw new Error(
      `${program} ${args.join(" ")} failed: ${REMEDY}`,
      error === undefined ? undefined : { cause: error },
    );
}
