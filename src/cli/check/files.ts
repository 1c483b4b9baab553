/** Who else may read or change the files that the configuration comes from. Stores look after their own. */
import { lstat, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DEFAULT_CONFIG_FILE, Environment } from "../../config/environment.ts";
import { type Finding, ok, warning } from "./finding.ts";

const ABOUT = "files";
/** Orchestrators put secrets there, readable by all, into a place that nobody else can enter. */
const MOUNTED = /^(\/var)?\/run\/secrets\//;

export async function checkFiles(env: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  const config = env["CONFIG_FILE"]?.trim() || DEFAULT_CONFIG_FILE;
  const ours = new Set([...Object.keys(Environment.shape), ...(await namesIn(config))]);
  const secrets = [...ours].flatMap((name) => env[`${name}_FILE`]?.trim() || []);
  const found = await Promise.all([judge(config, false), ...secrets.map((path) => judge(path, true))]);
  const findings = found.flat();
  return findings.length > 0
    ? findings
    : [ok(ABOUT, "nobody else may change the configuration or read its secrets")];
}

/** The variables that the configuration file refers to; a fault of that file is told elsewhere. */
async function namesIn(path: string): Promise<string[]> {
  const text = await readFile(resolve(path), "utf8").catch(() => "");
  return [...text.matchAll(/\$\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
}

async function judge(path: string, isSecret: boolean): Promise<Finding[]> {
  const absolute = resolve(path);
  const [found, own] = await Promise.all([
    stat(absolute).catch(() => null),
    lstat(absolute).catch(() => null),
  ]);
  // That it cannot be read is a fault of the configuration, or it is a variable of somebody else.
  if (!found?.isFile()) return [];
  const isMounted = MOUNTED.test(absolute) || own?.isSymbolicLink() === true;
  if (found.mode & 0o022)
    return [warning(ABOUT, `${path} can be changed by other users of this machine`, `chmod go-w ${path}`)];
  if (isSecret && !isMounted && found.mode & 0o004)
    return [
      warning(
        ABOUT,
        `${path} holds a secret and can be read by every user of this machine`,
        `chmod o-r ${path}`,
      ),
    ];
  return [];
}
