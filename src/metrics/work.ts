/** Jobs about keys: how their runs end, how long each step takes, and how fast an exposed secret dies. */
import { LeaseLostError } from "../core/errors.ts";
import type { JobHold, Journal, Processor } from "../core/ports.ts";
import type { JobName, Outcome, Work } from "../core/work.ts";
import { recordOf } from "../rotation/record.ts";
import type { Meter } from "./meter.ts";
import { harmlessly, observed } from "./observed.ts";
import { stepName } from "./step-names.ts";

const RUN_SECONDS = [0.05, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const STEP_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const DEATH_SECONDS = [1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

export type Processors = Readonly<Record<JobName, Processor>>;
export type MeasuredProcessors = (processors: Processors) => Record<JobName, Processor>;

/** @param now epoch milliseconds */
export function measureWork(meter: Meter, now: () => number): MeasuredProcessors {
  const runs = meter.counter({
    name: "job_runs_total",
    help: "Runs of jobs by work, intent and outcome; a job that waits is run again.",
    // `job` is what Prometheus calls a group of targets.
    labels: ["work", "intent", "outcome"],
  });
  const duration = meter.histogram(
    { name: "job_run_duration_seconds", help: "How long one run of a job took.", labels: ["work"] },
    RUN_SECONDS,
  );
  const steps = meter.histogram(
    {
      name: "step_duration_seconds",
      help: "The time from the step before it, or from the run's start, to each step of a job.",
      labels: ["step"],
    },
    STEP_SECONDS,
  );
  const end = measureEnds(meter);

  const heldBy = (hold: JobHold): JobHold => {
    let lastAt = meter.elapsed();
    const journal = observed(hold.journal, ["note"], {
      elapsed: meter.elapsed,
      heard: ({ args: [fact] }) => {
        const at = meter.elapsed();
        steps.observe({ step: stepName(String(fact)) }, (at - lastAt) / 1_000);
        lastAt = at;
      },
    });
    return { ...hold, journal };
  };

  return (processors) => {
    const measured =
      (job: JobName): Processor =>
      async (work, hold) => {
        const startedAt = meter.elapsed();
        const ran = (outcome: string) =>
          harmlessly(() => {
            runs.inc({ work: job, intent: work.intent.kind, outcome });
            duration.observe({ work: job }, (meter.elapsed() - startedAt) / 1_000);
          });
        let outcome: Outcome;
        try {
          outcome = await processors[job](work, heldBy(hold));
        } catch (error) {
          ran(error instanceof LeaseLostError ? "lost" : "error");
          throw error;
        }
        ran(outcome.kind);
        harmlessly(() => end(work, hold.journal, outcome, now()));
        return outcome;
      };
    return {
      rotate: measured("rotate"),
      "revoke-first": measured("revoke-first"),
      replace: measured("replace"),
      inspect: measured("inspect"),
    };
  };
}

/** What the audit record of an ended job says. */
function measureEnds(meter: Meter) {
  const ended = meter.counter({
    name: "rotations_ended_total",
    help: "Rotations, replacements and exposures that came to an end of which there is an audit record.",
    labels: ["kind", "outcome"],
  });
  for (const kind of ["rotation", "replacement", "exposure"])
    for (const outcome of ["done", "needs-person"]) ended.inc({ kind, outcome }, 0);
  const death = meter.histogram(
    {
      name: "exposure_to_dead_seconds",
      help: "From an exposure, since it occurred or since we received it, until the exposed secret was proved dead.",
      labels: ["since"],
    },
    DEATH_SECONDS,
  );
  for (const since of ["occurred", "received"]) death.zero({ since });

  return (work: Work, journal: Pick<Journal, "receivedAt" | "facts">, outcome: Outcome, now: number) => {
    const record = recordOf(work, journal, outcome, now);
    if (!record) return;
    ended.inc({ kind: record.kind, outcome: record.outcome });
    const deadAt = record.exposureClock?.secretDeadAt;
    if (work.intent.kind !== "exposed" || outcome.kind !== "done" || !deadAt) return;
    const since = (from: number) => Math.max(0, Date.parse(deadAt) - from) / 1_000;
    death.observe({ since: "occurred" }, since(work.intent.requestedAt));
    death.observe({ since: "received" }, since(journal.receivedAt));
  };
}
