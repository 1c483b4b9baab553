/** A check in memory: it says what a test wants it to say. */
import type { Check, CheckAnswer } from "../../src/core/check.ts";

export class MemoryCheck implements Check {
  readonly name: string;
  readonly windowMs = 15 * 60_000;
  readonly everyMs = 30_000;
  readonly onFailure: Check["onFailure"];
  readonly failsAfter = { looks: 3, lastingMs: 0 };
  /** What it says from now on; an error: it breaks. */
  state: CheckAnswer["state"] | Error = "good";
  /** Called at every look, to see who looks when. */
  onLook: () => void = () => {};

  constructor(name: string, onFailure: Check["onFailure"]) {
    this.name = name;
    this.onFailure = onFailure;
  }

  async look(): Promise<CheckAnswer> {
    this.onLook();
    if (this.state instanceof Error) throw this.state;
    return { state: this.state, says: `It is ${this.state}.` };
  }
}
