/** One managed key on the stage: the key at Paddle, its .env file, and the sample application that lives by it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "dotenv";
import { Secret } from "../src/core/secret.ts";
import { type Started, start } from "./service.ts";

export type Key = { readonly id: string; readonly secret: string };

/** What the application last said of itself. */
export type AppReport = {
  readonly requests: number;
  readonly failed: number;
  /** For how long no request went well, all in all. */
  readonly downMs: number;
  readonly isDown: boolean;
  readonly fingerprint: string;
};

export class Site {
  readonly name: string;
  /** The key at first. */
  readonly key: Key;
  readonly envFile: string;
  app: AppReport = { requests: 0, failed: 0, downMs: 0, isDown: false, fingerprint: "" };

  /** @param folder where `<name>.env` is */
  constructor(name: string, key: Key, folder: string) {
    this.name = name;
    this.key = key;
    this.envFile = join(folder, `${name}.env`);
  }

  async writeEnvFile(): Promise<void> {
    await writeEnvFile(
      this.envFile,
      `# The environment of ${this.name}\nREGION=eu\nACTIVE_PADDLE_KEY=${this.key.secret}\n`,
    );
  }

  startApp(paddle: string): Started {
    return start("demo/app.ts", [this.envFile, paddle], {}, (line) => {
      this.app = { ...this.app, ...line };
    });
  }

  /** What the .env file says now; empty if it does not. */
  async secret(variable = "ACTIVE_PADDLE_KEY"): Promise<string> {
    return parse(await readFile(this.envFile))[variable] ?? "";
  }

  async fingerprint(variable = "ACTIVE_PADDLE_KEY"): Promise<string | null> {
    const text = await this.secret(variable);
    return text === "" ? null : fingerprintOf(text);
  }

  /** Whether the application uses what its .env file holds, and is well. */
  async isUpToDate(): Promise<boolean> {
    return !this.app.isDown && this.app.fingerprint === (await this.fingerprint());
  }
}

export function fingerprintOf(secret: string): string {
  return new Secret(secret).fingerprint();
}

export function writeEnvFile(path: string, text: string): Promise<void> {
  return writeFile(path, text, { mode: 0o600 });
}
