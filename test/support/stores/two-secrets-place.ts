/** Two secrets in memory and the stores of any number of processes on them, on a clock in a test's hands. */
import type { Slots } from "../../../src/core/slots.ts";
import { TwoSecretsStore } from "../../../src/stores/two-secrets.ts";
import { FakeClock } from "../fake-clock.ts";
import { memoryLeases } from "../memory-leases.ts";
import { type Effects, memoryVersions, noVersions, UNDISTURBED, type Versions } from "./memory-versions.ts";

export class TwoSecretsPlace {
  readonly clock = new FakeClock();
  readonly leases = memoryLeases(this.clock);
  readonly application: Versions = noVersions();
  readonly workbench: Versions = noVersions();
  readonly #counts: boolean;

  /** @param counts whether the platform counts versions */
  constructor(counts = true) {
    this.#counts = counts;
  }

  /** The store of one more process. */
  store(effects: Effects = UNDISTURBED): TwoSecretsStore {
    const open = (name: string, kept: Versions) => memoryVersions(name, kept, this.#counts, () => effects);
    return new TwoSecretsStore({
      location: "two secrets",
      guide: { applicationsRead: "", needs: [] },
      application: open("application", this.application),
      workbench: open("workbench", this.workbench),
      leases: this.leases,
      clock: this.clock,
      checkWritable: async () => [],
      pauseMs: 10,
    });
  }

  async put(slots: Slots): Promise<void> {
    const store = this.store();
    const { version } = await store.read();
    if ((await store.write(slots, version)) !== "written") throw new Error("not written");
  }

  /** What applications get. */
  get served(): string | undefined {
    return this.application.texts.at(-1);
  }
}
