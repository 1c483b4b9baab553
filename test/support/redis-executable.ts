/** Where the tests' Redis comes from. It is never left out silently: either it is there or one line tells how to get it. */
import { spawnSync } from "node:child_process";
import { findOnPath } from "./owned-process.ts";

const REMEDY = "install it with `apt-get install redis-server` (or valkey-server), or set TEST_REDIS_URL";

/** The path of $TEST_REDIS_SERVER, else of redis-server or valkey-server; throws the remedy where there is none. */
export function redisExecutable(): string {
  const chosen = process.env["TEST_REDIS_SERVER"];
  if (chosen) return chosen;
  const path = findOnPath("redis-server") ?? findOnPath("valkey-server");
  if (!path) throw new Error(`redis-server is not in PATH: ${REMEDY}`);
  return path;
}

/** As redisExecutable, but as root on Debian it installs what is missing. */
export function ensureRedisExecutable(): string {
  const missing =
    !process.env["TEST_REDIS_SERVER"] && !findOnPath("redis-server") && !findOnPath("valkey-server");
  if (missing && process.getuid?.() === 0 && findOnPath("apt-get")) {
    process.stderr.write("The tests need redis-server: installing it with apt-get.\n");
    apt("update");
    apt("install", "--yes", "--no-install-recommends", "redis-server");
  }
  return redisExecutable();
}

function apt(...args: string[]): void {
  const { status, error } = spawnSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=120", ...args], {
    // Standard output belongs to the test report.
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0)
    throw new Error(
      `apt-get ${args[0]} failed: ${REMEDY}`,
      error === undefined ? undefined : { cause: error },
    );
}
