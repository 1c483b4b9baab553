/**
 * A real secret store under the engine in memory: reads and writes go to the store, and what it holds is mirrored
 * here, so that the invariants can be looked at after every effect.
 */
import type { PlatformRotation, SecretStore, Version } from "../../../src/core/ports.ts";
import { toFields } from "../../../src/core/slot-fields.ts";
import type { Slots } from "../../../src/core/slots.ts";
import { MemoryStore } from "../memory-store.ts";

export class MirroredStore extends MemoryStore {
  readonly #real: SecretStore;
  readonly #first: Partial<Slots>;
  readonly platform?: PlatformRotation;
  #filled: Promise<unknown> | null = null;

  constructor(real: SecretStore, slots: Partial<Slots>) {
    super(slots);
    this.#real = real;
    this.#first = slots;
    if (real.platform) this.platform = real.platform;
  }

  override async read(): Promise<{ slots: Slots; version: Version }> {
    this.#filled ??= this.#fill();
    await this.#filled;
    return this.#mirror();
  }

  override async write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    try {
      return await this.#real.write(slots, expected);
    } finally {
      // While the store is out of order, nothing more is known of it.
      await this.#mirror().catch(() => {});
    }
  }

  override checkWritable(): Promise<readonly string[]> {
    return this.#real.checkWritable();
  }

  /** What the scenario begins with, as a person would put it there. */
  async #fill(): Promise<void> {
    if (Object.keys(this.#first).length === 0) return;
    const { slots, version } = await this.#real.read();
    await this.#real.write({ ...slots, ...this.#first }, version);
  }

  async #mirror(): Promise<{ slots: Slots; version: Version }> {
    const read = await this.#real.read();
    this.restore(toFields({ slots: read.slots, revision: 0 }));
    return read;
  }
}
