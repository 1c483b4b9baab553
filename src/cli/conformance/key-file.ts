/**
 * The secrets of the key that is experimented on, in a file that at any moment has all that may be needed to go on
 * using the key: a secret is in it before it is used for the first time.
 */
import type { Secret } from "../../core/secret.ts";
import { readSecretFile, writeSecretFile } from "../secret-file.ts";

type Held = {
  readonly active: Secret;
  /** Never used yet. */
  readonly pending?: Secret;
  /** Of a canceled rotation, kept while it is found out whether it is dead. */
  readonly canceled?: Secret;
};

export class KeyFile {
  readonly path: string;
  #held: Held;

  private constructor(path: string, active: Secret) {
    this.path = path;
    this.#held = { active };
  }

  /** Throws Error if there is a file already that holds anything but this secret. */
  static async create(path: string, active: Secret): Promise<KeyFile> {
    const file = new KeyFile(path, active);
    const found = await readSecretFile(path);
    if (found !== null && found !== "" && found !== textOf({ active }))
      throw new Error(
        `${path} exists and holds something else, perhaps the only working secret of a key: name another file. Nothing was done`,
      );
    await writeSecretFile(path, textOf({ active }));
    return file;
  }

  get active(): Secret {
    return this.#held.active;
  }

  /** Those that may be the one to use, the likeliest first. */
  get candidates(): readonly Secret[] {
    const { active, pending, canceled } = this.#held;
    return [pending, canceled, active].filter((secret) => secret !== undefined);
  }

  /** To be awaited before the secret is used. @param canceled the one that it takes the place of */
  async stage(pending: Secret, canceled?: Secret): Promise<void> {
    await this.#write({ active: this.#held.active, pending, ...(canceled && { canceled }) });
  }

  /** Paddle accepts it, and it is the one to use from now on. */
  async promote(active: Secret): Promise<void> {
    await this.#write({ active });
  }

  async #write(held: Held): Promise<void> {
    await writeSecretFile(this.path, textOf(held));
    this.#held = held;
  }
}

function textOf({ active, pending, canceled }: Held): string {
  const lines = [
    "# The sandbox key of `npm run rotator -- conformance`. ACTIVE is accepted by Paddle; PENDING, if there is one, takes its",
    "# place with its first use.",
    `ACTIVE_PADDLE_KEY=${active.reveal()}`,
    ...(pending ? [`PENDING_PADDLE_KEY=${pending.reveal()}`] : []),
    ...(canceled ? [`CANCELED_PADDLE_KEY=${canceled.reveal()}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
