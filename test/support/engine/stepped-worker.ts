/** A worker that stands still before every effect until the test lets it go on, or does something to it. */
import {
  LeaseLostError,
  PaddleError,
  QueueError,
  RotatorError,
  StoreError,
} from "../../../src/core/errors.ts";
import { Died, type Gate } from "./gates.ts";
import type { Job } from "./jobs.ts";
import type { World } from "./world.ts";

/** `goes on`: does the next effect. The others: what becomes of it instead. */
export type Move = "goes on" | "dies before" | "dies after" | "loses the answer";

/** How long the queue lets a job rest whose run failed. */
const RETRY_MS = 2_000;

export class SteppedWorker {
  readonly #world: World;
  #run: Run | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** The job that it believes to hold; null: none. */
  get job(): Job | null {
    return this.#run?.job ?? null;
  }

  /** Takes a job, also one that another worker still believes to hold; that one finds out before its next effect. */
  async takes(job: Job, from: SteppedWorker | null): Promise<void> {
    if (this.#run) throw new Error("this worker has a job");
    if (from !== null && from.#run?.job === job) from.#run.holds = false;
    const gate = new SteppedGate();
    const run: Run = { job, gate, holds: true, isOver: false, over: Promise.resolve() };
    run.over = this.#world
      .run(job.work, gate.for(run), () => run.holds)
      .then(
        () => undefined,
        (error: unknown) => this.#failed(run, error),
      )
      .finally(() => {
        run.isOver = true;
        if (this.#run === run) this.#run = null;
      });
    this.#run = run;
    await Promise.race([gate.arrived(), run.over]);
  }

  /** Does one effect of the job that it has, if it has one. */
  async does(move: Move): Promise<void> {
    const run = this.#run;
    if (!run) return;
    run.gate.release(move);
    await Promise.race([run.gate.arrived(), run.over]);
  }

  #failed(run: Run, error: unknown): void {
    if (error instanceof LeaseLostError) return;
    const isWorthAnotherTry = error instanceof RotatorError && error.retry === "later";
    if (!(error instanceof Died) && !isWorthAnotherTry) throw error;
    if (run.holds && run.job.dueAt !== null) run.job.dueAt = this.#world.clock.now() + RETRY_MS;
  }
}

type Run = {
  readonly job: Job;
  readonly gate: SteppedGate;
  holds: boolean;
  isOver: boolean;
  over: Promise<void>;
};

class SteppedGate {
  #arrival = Promise.withResolvers<void>();
  #departure = Promise.withResolvers<Move>();
  #isDead = false;

  /** Resolves once the worker stands before an effect. */
  arrived(): Promise<void> {
    return this.#arrival.promise;
  }

  release(move: Move): void {
    const departure = this.#departure;
    this.#arrival = Promise.withResolvers();
    this.#departure = Promise.withResolvers();
    departure.resolve(move);
  }

  for(run: { readonly holds: boolean }): Gate {
    return { pass: (effect, act) => this.#pass(run, effect, act) };
  }

  async #pass<T>(run: { readonly holds: boolean }, effect: string, act: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Died(effect);
    const departure = this.#departure.promise;
    this.#arrival.resolve();
    const move = await departure;
    // The queue takes nothing from a worker that lost the job.
    if (effect.startsWith("queue.") && !run.holds) throw new LeaseLostError();
    this.#isDead = move === "dies before" || move === "dies after";
    if (move === "dies before") throw new Died(effect);
    const answer = await act();
    if (move === "dies after") throw new Died(effect);
    if (move === "loses the answer") throw lostAnswerOf(effect);
    return answer;
  }
}

function lostAnswerOf(effect: string): RotatorError {
  const what = { effect: "unknown", retry: "later" } as const;
  if (effect.startsWith("paddle."))
    return new PaddleError("no answer", { ...what, code: "timeout", status: null });
  if (effect.startsWith("store.") || effect.startsWith("standby.")) return new StoreError("no answer", what);
  return new QueueError("no answer", what);
}
