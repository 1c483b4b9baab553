/** An env file in a folder of its own, for tests: as a person has written it, and as an application reads it. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "dotenv";
import type { SecretField } from "../../src/core/slot-fields.ts";
import type { SlotVariables } from "../../src/stores/env-file/layout.ts";
import { EnvFileStore } from "../../src/stores/env-file/store.ts";

export const VARIABLES: SlotVariables = {
  active: "ACTIVE_PADDLE_KEY",
  old: "OLD_PADDLE_KEY",
  pending: "PENDING_PADDLE_KEY",
  standby: "STANDBY_PADDLE_KEY",
};

/** How its writer lays out a file. */
type Layout = {
  readonly byteOrderMark: string;
  readonly end: "\n" | "\r\n";
  readonly lastEnd: "" | "\n" | "\r\n";
  line(name: string, value: string): string;
};

const PLAIN: Layout = {
  byteOrderMark: "",
  end: "\n",
  lastEnd: "\n",
  line: (name, value) => `${name}="${value}"`,
};

export class EnvFilePlace implements AsyncDisposable {
  readonly folder: string;
  readonly path: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, "billing.env");
  }

  /** A file with the texts of `beside`, with mode 0600. */
  static async open(beside: Readonly<Record<string, string>> = {}, layout = PLAIN): Promise<EnvFilePlace> {
    const lines = Object.entries(beside).map(([name, value]) => layout.line(name, value));
    return this.holding(layout.byteOrderMark + lines.join(layout.end) + layout.lastEnd);
  }

  /** A file with this text. */
  static async holding(text: string | Uint8Array, mode = 0o600): Promise<EnvFilePlace> {
    const place = new EnvFilePlace(await mkdtemp(join(tmpdir(), "env-file-")));
    await place.save(text);
    await chmod(place.path, mode);
    return place;
  }

  store(variables: Partial<SlotVariables> = {}): EnvFileStore {
    return this.storeAt("billing.env", variables);
  }

  /** A store for another path in the folder. */
  storeAt(name: string, variables: Partial<SlotVariables> = {}): EnvFileStore {
    return new EnvFileStore({
      path: join(this.folder, name),
      displayPath: `./secrets/${name}`,
      variables: { ...VARIABLES, ...variables },
    });
  }

  async save(text: string | Uint8Array): Promise<void> {
    await writeFile(this.path, text, { mode: 0o600 });
  }

  text(): Promise<string> {
    return readFile(this.path, "utf8");
  }

  /** The permission bits of the file. */
  async mode(): Promise<number> {
    return (await stat(this.path)).mode & 0o7777;
  }

  files(): Promise<string[]> {
    return readdir(this.folder);
  }

  async edit(field: SecretField, text: string | null): Promise<void> {
    const name = VARIABLES[field];
    const line = new RegExp(`^(\\uFEFF?(?:export )?)${name}=.*?(\\r?)$`, "m");
    const current = await this.text();
    const value = text ?? "";
    await this.save(
      line.test(current)
        ? current.replace(line, `$1${name}=${value}$2`)
        : `${current}${current === "" || current.endsWith("\n") ? "" : "\n"}${name}=${value}\n`,
    );
  }

  async beside(): Promise<Readonly<Record<string, string>>> {
    const ours: readonly string[] = Object.values(VARIABLES);
    return Object.fromEntries(
      Object.entries(parse(await this.text())).filter(([name]) => !ours.includes(name)),
    );
  }

  async everything(): Promise<string> {
    const { ino, mode, size, ctimeMs, mtimeMs } = await stat(this.path);
    return JSON.stringify([await this.files(), await this.text(), { ino, mode, size, ctimeMs, mtimeMs }]);
  }

  readonly breakages = {
    gone: () => rm(this.path),
    "a folder": async () => {
      await rm(this.path);
      await mkdir(this.path);
    },
    "readable for all": () => chmod(this.path, 0o644),
    "with the key twice": async () => this.save(`${await this.text()}\nACTIVE_PADDLE_KEY=canary-again\n`),
    "with spaces": async () =>
      this.save((await this.text()).replace("ACTIVE_PADDLE_KEY=", "ACTIVE_PADDLE_KEY = ")),
    "not UTF-8": async () =>
      this.save(Buffer.concat([Buffer.from(await this.text()), Buffer.of(0xff, 0x0a)])),
    "too large": async () => this.save((await this.text()).padEnd(1024 * 1024 + 1, "# canary\n")),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
