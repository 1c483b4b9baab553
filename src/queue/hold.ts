/**
 * What a running job may use: its hold on the work, and its journal.
 *
 * Notes are written while the run goes on, in their order. The hold is confirmed only after them, and a job ends only
 * after them: a crash loses at most what was noted since the last effect.
 */
import type { Job } from "bullmq";
import type { Logger } from "pino";
import { LeaseLostError, QueueError } from "../core/errors.ts";
import { hideLivingSecrets } from "../core/living-secrets.ts";
import type { Clock, Fact, JobHold } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { IssuedSecret } from "../core/slots.ts";
import { factsOf } from "./job-data.ts";

/** How long a worker that says nothing keeps a job. A killed worker's job is another's after this and the stall check. */
export const LOCK_MS = 6_000;

export type RunningJob = { readonly job: Job; readonly token: string; readonly signal: AbortSignal };

export type Hold = JobHold & {
  /** Resolves once everything noted so far is written or given up. Never rejects. */
  notesKept(): Promise<void>;
};

export function createHold({ job, token, signal }: RunningJob, deps: { clock: Clock; log: Logger }): Hold {
  let kept = Promise.resolve();
  const keep = async (line: string, percent: number): Promise<void> => {
    // All facts noted by now; a note that follows this one writes them again.
    const writes = [job.log(line), job.updateProgress(percent), job.updateData(job.data)];
    const lost = (await Promise.allSettled(writes)).find(({ status }) => status === "rejected");
    // A note steers nothing. If the queue is gone, the next step will find that out before it acts.
    if (lost?.status === "rejected")
      deps.log.warn(
        { jobId: job.id, reason: describeError(lost.reason) },
        "a note on the job could not be kept",
      );
  };
  return {
    notesKept: () => kept,
    lease: {
      async confirm() {
        await kept;
        // Always the server's word, however fresh the last one is: a lock may be gone long before its time.
        if (signal.aborted || !(await extendLock(job, token))) throw new LeaseLostError();
      },
    },
    journal: {
      receivedAt: job.timestamp,
      get facts() {
        return factsOf(job.data);
      },
      async note(name, { says: words, percent, about }) {
        const says = hideLivingSecrets(words);
        const at = new Date(deps.clock.now()).toISOString();
        const { fingerprint, rotationId } = shownOf(about ?? null);
        const facts = factsOf(job.data);
        // A job that looks every few seconds for a day finds the same most times.
        const level = facts[name]?.says === says ? "debug" : "info";
        deps.log[level](
          { jobId: job.id, keyName: nameIn(job.data), fact: name, says, rotationId, fingerprint },
          "step",
        );
        const fact: Fact = {
          at: facts[name]?.at ?? at,
          says,
          ...(fingerprint && { fingerprint }),
          ...(about && about.issuedAt !== null && { issuedAt: new Date(about.issuedAt).toISOString() }),
        };
        job.data = { ...job.data, facts: { ...facts, [name]: fact } };
        kept = kept.then(() => keep(`${at} ${says}`, percent));
      },
    },
  };
}

/** Throws QueueError if the queue does not answer: what is not confirmed is not done. */
async function extendLock(job: Job, token: string): Promise<boolean> {
  try {
    return (await job.extendLock(token, LOCK_MS)) > 0;
  } catch (cause) {
    throw new QueueError(`the hold on the job could not be confirmed: ${describeError(cause)}`, {
      effect: "none",
      retry: "later",
      cause,
    });
  }
}

/** What may be shown of a secret. */
function shownOf(issued: IssuedSecret | null): { fingerprint?: string; rotationId?: string } {
  if (!issued) return {};
  const { secret, rotationId } = issued;
  return { fingerprint: secret.fingerprint(), ...(rotationId !== null && { rotationId }) };
}

function nameIn(data: unknown): unknown {
  return typeof data === "object" && data !== null && "keyName" in data ? data.keyName : null;
}
