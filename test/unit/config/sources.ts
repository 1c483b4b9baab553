/** A configuration without fault, and ways to spoil it: files are entries of an object, so nothing touches the disk. */
import type { Config } from "../../../src/config/config.ts";
import { readConfig } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/core/errors.ts";

export const FOLDER = "/srv/rotator";

export const FILE = `keys:
  - name: billing
    store: { type: env-file, path: ./secrets/billing.env }
`;

export const WEBHOOK_SECRET = "pdl_ntfset_01hexample_secretKeySecretKey";

export type Given = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The text of rotator.yaml. */
  readonly yaml?: string;
  /** Absolute path → text, or the code of the error that reading it ends in. */
  readonly files?: Readonly<Record<string, string | { readonly code: string }>>;
};

/** Reads the configuration without fault with what is given in the place of its parts. */
export function read({ env = {}, yaml = FILE, files = {} }: Given = {}): Config {
  const disk: NonNullable<Given["files"]> = { [`${FOLDER}/rotator.yaml`]: yaml, ...files };
  return readConfig({
    env: { PADDLE_WEBHOOK_SECRETS: WEBHOOK_SECRET, ...env },
    cwd: FOLDER,
    readFile: (path) => {
      const found = disk[path] ?? { code: "ENOENT" };
      if (typeof found === "string") return found;
      throw Object.assign(new Error(`${found.code}: open '${path}'`), { code: found.code });
    },
  });
}

/** The lines of the report on what is given; throws unless the configuration is refused, and by a ConfigError. */
export function faultsOf(given: Given): string[] {
  try {
    read(given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [headline, ...lines] = error.message.split("\n");
    const count = lines.length === 1 ? "1 fault" : `${lines.length} faults`;
    if (headline !== `the configuration has ${count}:`)
      throw new Error(`odd headline: ${headline}`, { cause: error });
    return lines.map((line) => line.replace(/^ {2}/, ""));
  }
  throw new Error("the configuration was accepted");
}
