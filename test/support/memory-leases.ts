/** Leases that last as long as the object, on a clock in a test's hands. */
import type { Clock, Leases } from "../../src/core/ports.ts";

export function memoryLeases(clock: Pick<Clock, "now">): Leases {
  const held = new Map<string, { holder: string; until: number }>();
  return {
    async take(name, holder, ttlMs) {
      const present = held.get(name);
      if (present && present.holder !== holder && present.until > clock.now()) return false;
      held.set(name, { holder, until: clock.now() + ttlMs });
      return true;
    },
    async giveBack(name, holder) {
      if (held.get(name)?.holder === holder) held.delete(name);
    },
  };
}
