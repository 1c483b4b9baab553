/** Sweeps: how many, how they went, how long they took, and when the last one was. */
import type { SweepEnd } from "../reconcile/reconcile.ts";
import type { Meter } from "./meter.ts";
import { harmlessly } from "./observed.ts";

const SECONDS = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];

export type Sweep = (signal: AbortSignal) => Promise<SweepEnd>;
export type MeasuredSweep = (sweep: Sweep) => (signal: AbortSignal) => Promise<void>;

/** @param now epoch milliseconds */
export function measureSweeps(meter: Meter, now: () => number): MeasuredSweep {
  const sweeps = meter.counter({
    name: "sweeps_total",
    help: "Sweeps by result: good, faulty (Paddle, the queue or the records could not be read), stopped or error.",
    labels: ["result"],
  });
  for (const result of ["good", "faulty", "error"]) sweeps.inc({ result }, 0);
  const last = meter.gauge({
    name: "last_sweep_timestamp_seconds",
    help: "When this instance ended a sweep last, by result.",
    labels: ["result"],
  });
  const duration = meter.histogram(
    { name: "sweep_duration_seconds", help: "How long sweeps took that were not stopped." },
    SECONDS,
  );
  return (sweep) => async (signal) => {
    const startedAt = meter.elapsed();
    const ended = (result: SweepEnd | "error") =>
      harmlessly(() => {
        sweeps.inc({ result });
        last.set({ result }, now() / 1_000);
        if (result !== "stopped") duration.observe((meter.elapsed() - startedAt) / 1_000);
      });
    let end: SweepEnd;
    try {
      end = await sweep(signal);
    } catch (error) {
      ended("error");
      throw error;
    }
    ended(end);
  };
}
