/** Reads the configuration once, from what it is given: every fault of environment and file in one ConfigError. */
import { dirname, normalize, resolve } from "node:path";
import { assembleConfig, type Config } from "./config.ts";
import { DEFAULT_CONFIG_FILE, parseEnvironment } from "./environment.ts";
import { refusal } from "./faults.ts";
import { type FileReading, parseRotatorFile } from "./rotator-file.ts";
import { Variables, whyUnreadable } from "./variables.ts";

export type Sources = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, by absolute path. Throws as node:fs does. */
  readonly readFile: (path: string) => string;
  /** Where relative paths in the environment start. Default: the process's working directory. */
  readonly cwd?: string;
};

/** @throws ConfigError with one line for each fault; of all values, it quotes only the name of the configuration file */
export function readConfig({ env, readFile, cwd = process.cwd() }: Sources): Config {
  const read = (path: string) => readFile(resolve(cwd, path));
  const variables = new Variables(env, read);
  const file = readRotatorFile(variables, read, cwd);
  const environment = parseEnvironment(variables, file);
  if (environment.ok && file.ok) return assembleConfig(environment.value, file.value, cwd);
  throw refusal([file, environment].flatMap((part) => (part.ok ? [] : part.faults)));
}

function readRotatorFile(variables: Variables, read: (path: string) => string, cwd: string): FileReading {
  const setting = variables.lookup("CONFIG_FILE");
  // The environment's own faults tell why.
  if (setting.kind === "faulty") return { ok: false, faults: [], namesProxy: true };
  const path = setting.kind === "set" ? setting.text.trim() : DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    const message =
      setting.kind === "set"
        ? `names a file that ${whyUnreadable(error)} (relative paths start at ${cwd})`
        : `is not set, and ${resolve(cwd, path)} ${whyUnreadable(error)}; write it as rotator.example.yaml shows, or set CONFIG_FILE`;
    return { ok: false, faults: [{ at: "CONFIG_FILE", message }], namesProxy: false };
  }
  const absolute = resolve(cwd, path);
  return parseRotatorFile({ text, name: normalize(path), folder: dirname(absolute) }, variables);
}
