/** The interpreters and compilers of the applications. None is left out silently: it is there, or a test says how to get it. */
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOnPath } from "../../support/owned-process.ts";

export type Program = {
  readonly name: string;
  /** Debian's package of it. */
  readonly aptPackage: string;
};

/** The program's path. As root on Debian it is installed if it is missing; elsewhere the remedy is thrown. */
export function ensureProgram({ name, aptPackage }: Program): string {
  const isMissing = findOnPath(name) === null;
  if (isMissing && process.getuid?.() === 0 && findOnPath("apt-get")) install(name, aptPackage);
  const path = findOnPath(name);
  if (path === null)
    throw new Error(`${name} is not in PATH: install it with \`apt-get install ${aptPackage}\``);
  return path;
}

/** One at a time: files of tests run beside each other. Whether it worked shows in whether the program is there. */
function install(name: string, aptPackage: string): void {
  process.stderr.write(`The tests need ${name}: installing ${aptPackage} with apt-get.\n`);
  const apt = "apt-get -qq -o DPkg::Lock::Timeout=120";
  const command = `${apt} update && ${apt} install --yes --no-install-recommends ${aptPackage}`;
  spawnSync("flock", [join(tmpdir(), "applications-apt.lock"), "sh", "-c", command], {
    // Standard output belongs to the test report.
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
