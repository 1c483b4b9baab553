/** A consumer in memory: instances that take the new secret when they are told, unless they refuse to. */
import { type Consumer, ConsumerError, type Progress, type SwitchOver } from "../../src/core/consumer.ts";

export class MemoryConsumer implements Consumer {
  readonly name: string;
  readonly refreshMs = 60_000;
  readonly timeoutMs = 60_000;
  readonly needs = [];
  /** Every switch-over that it was told of, repeats included. */
  readonly told: SwitchOver[] = [];
  /** Those that do not listen. */
  readonly stubborn = new Set<string>();
  /** Whether it answers at all. */
  isReachable = true;
  readonly #uses = new Map<string, string>();

  constructor(name: string, instances: readonly string[]) {
    this.name = name;
    for (const instance of instances) this.#uses.set(instance, "");
  }

  /** An instance reads the secret by itself, as after a restart. */
  reload(instance: string): void {
    this.stubborn.delete(instance);
    this.#uses.set(instance, this.told.at(-1)?.fingerprint ?? "");
  }

  async notify(switchOver: SwitchOver): Promise<"told" | "partly"> {
    this.#answer();
    this.told.push(switchOver);
    for (const instance of this.#uses.keys())
      if (!this.stubborn.has(instance)) this.#uses.set(instance, switchOver.fingerprint);
    return "told";
  }

  async observe({ fingerprint }: SwitchOver): Promise<Progress> {
    this.#answer();
    const instances = [...this.#uses].map(([id, uses]) => ({
      id,
      state: uses === fingerprint ? ("switched" as const) : ("lagging" as const),
      says: null,
    }));
    const there = instances.filter(({ state }) => state === "switched").length;
    return {
      state: there === instances.length ? "proved" : "under-way",
      instances,
      says: `${there} of ${instances.length} instances use ${fingerprint}.`,
    };
  }

  #answer(): void {
    if (this.isReachable) return;
    throw new ConsumerError(`${this.name} does not answer: start it`, { effect: "none", retry: "later" });
  }
}
