/** Simulators whose time stands still unless it is moved, closed after each test. */
import { afterEach } from "vitest";
import { movableClock } from "../../support/paddle-simulator/clock.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../../support/paddle-simulator/start.ts";
import type { Switches } from "../../support/paddle-simulator/switches.ts";

/** Where it stands, epoch milliseconds. */
export const NOW = Date.parse("2026-11-21T01:00:00.700Z");

const closing: PaddleSimulator[] = [];
afterEach(() => Promise.all(closing.splice(0).map((paddle) => paddle.close())));

export async function start(
  switches: Partial<Switches> = {},
  environment: "sandbox" | "live" = "sandbox",
): Promise<PaddleSimulator> {
  const clock = movableClock({ base: { now: () => NOW } });
  const paddle = await startPaddleSimulator({ clock, switches, environment });
  closing.push(paddle);
  return paddle;
}
