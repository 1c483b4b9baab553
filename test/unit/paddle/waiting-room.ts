/** A budget in a time that stands still, and who was given leave by it when. */
import { Budget, type Urgency } from "../../../src/paddle/budget.ts";
import { FakeClock } from "../../support/fake-clock.ts";

export const never = new AbortController().signal;

export function waitingRoom(perMinute: number) {
  const clock = new FakeClock(0);
  const budget = new Budget(clock, perMinute);
  const granted: string[] = [];
  const take = (name: string, maxWaitMs: number, signal: AbortSignal, urgency: Urgency) => {
    budget.take(maxWaitMs, signal, urgency).then(
      (leave) => granted.push(`${name} ${leave ? "" : "refused "}at ${clock.now()}`),
      () => granted.push(`${name} aborted at ${clock.now()}`),
    );
  };
  const ask = (name: string, maxWaitMs = 60_000, signal = never) => take(name, maxWaitMs, signal, "ordinary");
  const askUrgently = (name: string, maxWaitMs = 60_000) => take(name, maxWaitMs, never, "urgent");
  return { clock, budget, ask, askUrgently, granted };
}
