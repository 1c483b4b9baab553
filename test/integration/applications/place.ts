/** One application as a process of its own, the Paddle that it calls, and the place where it finds its keys. */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onFreePort, type OwnedProcess, startOwned } from "../../support/owned-process.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../../support/paddle-simulator/start.ts";

export type Language = {
  readonly name: string;
  /** The file of its command and the arguments, for a port. */
  readonly command: (port: number) => readonly [string, ...string[]];
  /** Whether it keeps its keys from one request to the next. */
  readonly remembers: boolean;
  /** What attests, for one that does not do so by itself. */
  readonly attest?: readonly [string, ...string[]];
};

export type Keys = { readonly active: string; readonly old?: string };

export const NOTIFICATION_SECRET = `whsec_${Buffer.from("canary-signing-secret-of-32-byte").toString("base64")}`;

export class ApplicationPlace implements AsyncDisposable {
  readonly paddle: PaddleSimulator;
  readonly folder = mkdtempSync(join(tmpdir(), "application-"));
  readonly envFile = join(this.folder, "billing.env");
  readonly keyId: string;
  /** The secret that the key had at first. */
  readonly first: string;
  url = "";
  readonly #language: Language;
  readonly #processes: OwnedProcess[] = [];

  private constructor(language: Language, paddle: PaddleSimulator) {
    this.#language = language;
    this.paddle = paddle;
    const { id, secret } = paddle.createKey();
    this.keyId = id;
    this.first = secret;
  }

  static async open(language: Language): Promise<ApplicationPlace> {
    return new ApplicationPlace(language, await startPaddleSimulator());
  }

  /** Writes the env file as the rotator does: a new file in the place of the old one. */
  write({ active, old = "" }: Keys): void {
    this.writeText(
      [
        "LOG_LEVEL=info",
        `ACTIVE_PADDLE_KEY=${active}`,
        `OLD_PADDLE_KEY=${old}`,
        "PENDING_PADDLE_KEY=",
        '# paddle-key-rotator ACTIVE_PADDLE_KEY {"revision":7,"active":{"fingerprint":"sha256:0123456789abcdef"}}',
        "DATABASE_URL=postgres://localhost/billing",
        "",
      ].join("\n"),
    );
  }

  writeText(text: string): void {
    writeFileSync(`${this.envFile}.new`, text);
    renameSync(`${this.envFile}.new`, this.envFile);
  }

  /** Starts the application, with the first secret in its env file unless something is there. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<this> {
    if (!existsSync(this.envFile)) this.write({ active: this.first });
    const { port, server } = await onFreePort(async (free) => {
      const [file, ...args] = this.#language.command(free);
      return startOwned(
        { file, args, options: { env: this.env({ PORT: String(free), ...env }) } },
        async () => isListening(`http://127.0.0.1:${free}`),
      );
    });
    this.#processes.push(server);
    this.url = `http://127.0.0.1:${port}`;
    return this;
  }

  /** All that the application finds in its environment. */
  env(more: Readonly<Record<string, string>>): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      PADDLE_KEYS: this.envFile,
      PADDLE_API_URL: this.paddle.url,
      PADDLE_KEY_SECRET: NOTIFICATION_SECRET,
      ...more,
    };
  }

  /** A customer's request, which makes the application call Paddle. */
  async call(path = "/event-types", init: RequestInit = {}): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${this.url}/call${path}`, init);
    return { status: answer.status, text: await answer.text() };
  }

  async fingerprint(): Promise<unknown> {
    const answer = await fetch(`${this.url}/paddle-key`);
    return answer.json();
  }

  /** A rotation as the rotator makes it, by the time consumers hear of it. The env file has it; returns the new secret. */
  rotate(secret: string, graceSeconds: number): string {
    const successor = this.paddle.rotateAsThief(secret, { graceSeconds, activate: true }).secret;
    this.write({ active: successor, old: secret });
    return successor;
  }

  /** A secret that Paddle does not take any more, or never will. */
  deadSecret(): string {
    const { secret } = this.paddle.rotateAsThief(this.first, {});
    this.paddle.rotateAsThief(this.first, {});
    return secret;
  }

  /** Everything that the applications have printed. */
  output(): string {
    return this.#processes.map((one) => one.output()).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.end("SIGKILL")));
    await this.paddle.close();
    rmSync(this.folder, { recursive: true });
  }
}

async function isListening(url: string): Promise<boolean> {
  return fetch(`${url}/anything`).then(
    () => true,
    () => false,
  );
}
