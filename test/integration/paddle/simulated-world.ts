/** The client and a Paddle that keeps its own state. */
import { FakeClock } from "../../support/fake-clock.ts";
import { type SimulatorOptions, startPaddleSimulator } from "../../support/paddle-simulator/start.ts";
import { openClient } from "./paddle-samples.ts";

export const DAY_MS = 86_400_000;

/** A simulated Paddle and a client of it, both living in the same fake time. */
export async function openWorld(options: Pick<SimulatorOptions, "switches"> = {}) {
  const clock = new FakeClock(Date.UTC(2026, 10, 21));
  const simulator = await startPaddleSimulator({ ...options, clock });
  const client = openClient(new URL(simulator.url), { requestsPerMinute: 200, clock });
  return {
    clock,
    simulator,
    paddle: client.paddle,
    async [Symbol.asyncDispose]() {
      await client.paddle.close();
      await simulator.close();
    },
  };
}
