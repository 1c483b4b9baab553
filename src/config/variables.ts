/**
 * The environment as the configuration sees it. Every NAME may instead be given as NAME_FILE, the path of a file
 * that holds the value; a variable that is empty counts as unset.
 */
import type { Fault } from "./faults.ts";

export type Lookup =
  | { readonly kind: "set"; readonly text: string }
  | { readonly kind: "unset" }
  | { readonly kind: "faulty"; readonly fault: Fault };

export class Variables {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #readFile: (path: string) => string;

  /** @param readFile is given the paths as they stand in the NAME_FILE variables, and throws as node:fs does */
  constructor(env: Readonly<Record<string, string | undefined>>, readFile: (path: string) => string) {
    this.#env = env;
    this.#readFile = readFile;
  }

  /** The names of the variables that are not empty. */
  get names(): string[] {
    return Object.keys(this.#env).filter((name) => this.#textOf(name) !== undefined);
  }

  lookup(name: string): Lookup {
    const text = this.#textOf(name);
    const file = this.#textOf(`${name}_FILE`);
    if (file === undefined) return text === undefined ? { kind: "unset" } : { kind: "set", text };
    if (text !== undefined) return faulty(name, `is set, and so is ${name}_FILE; keep one of the two`);
    return this.#fromFile(`${name}_FILE`, file);
  }

  #fromFile(name: string, file: string): Lookup {
    let content: string;
    try {
      content = this.#readFile(file);
    } catch (error) {
      return faulty(name, `names a file that ${whyUnreadable(error)}`);
    }
    // Editors and `echo` end a file with a line break that is not part of the value.
    const text = content.replace(/[\r\n]+$/, "");
    return text.trim() === "" ? faulty(name, "names a file that is empty") : { kind: "set", text };
  }

  #textOf(name: string): string | undefined {
    const text = Object.hasOwn(this.#env, name) ? this.#env[name] : undefined;
    return text?.trim() ? text : undefined;
  }
}

function faulty(at: string, message: string): Lookup {
  return { kind: "faulty", fault: { at, message } };
}

/** Why a file could not be read, after the words "a file that". Node's own message would quote the path. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  if (code === "EISDIR") return "is a folder";
  return `cannot be read${typeof code === "string" ? ` (${code})` : ""}`;
}
