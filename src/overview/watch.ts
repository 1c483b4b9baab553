/**
 * Keeps the overview for everybody who looks. Nobody looking costs nothing; many looking cost as much as one. What
 * cannot be read stays as it was, and is waited for only so long.
 */
import { createHash } from "node:crypto";
import { readAlerts } from "../alerts/alert-log.ts";
import type { Alert } from "../core/alert.ts";
import type { JobList, JobView } from "../core/job-view.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Clock, Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import { waitWithin } from "../core/wait-within.ts";
import type { AuditRecord } from "../rotation/audit-record.ts";
import { listRecords, newestRecord } from "../rotation/record.ts";
import { compile } from "./compile.ts";
import { KeptLooks } from "./kept-looks.ts";
import type { Overview } from "./overview.ts";
import { ownersByName, signaturesOf } from "./owners.ts";

/** For people who look. */
const REREAD_MS = 30_000;
/** Whoever asks within this time gets the same answer. */
const FRESH_MS = 1_000;
/** The queue and the records answer or fail within this time, each question by itself; together they get no more. */
const READ_MS = 3_000;
const ALERTS_READ = 500;
const RECORDS_READ = 200;

export type WatchDeps = {
  readonly keys: readonly ManagedKey[];
  readonly jobs: JobList;
  readonly records: Records;
  readonly clock: Clock;
};

export class OverviewWatch {
  readonly #deps: WatchDeps;
  readonly #owners: ReadonlyMap<string, string>;
  readonly #looks: KeptLooks;
  #jobs: readonly JobView[] = [];
  #alerts: { readonly newest: string | null; readonly alerts: readonly Alert[] } | null = null;
  #audit: { readonly newest: string | null; readonly records: readonly AuditRecord[] } | null = null;
  #latest: Overview | null = null;
  #gathering: Promise<Overview> | null = null;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    this.#owners = ownersByName(deps.keys);
    this.#looks = new KeptLooks(deps);
  }

  /**
   * The overview as it is now, give or take a second. Never rejects: what could not be read is among its faults.
   *
   * @param options.storesWithinMs how old what a store holds may be if no job of its key has come further
   */
  latest({ storesWithinMs = REREAD_MS }: { readonly storesWithinMs?: number } = {}): Promise<Overview> {
    const latest = this.#latest;
    // A clock may be set back.
    if (latest && Math.abs(this.#deps.clock.now() - latest.at) < FRESH_MS) return Promise.resolve(latest);
    this.#gathering ??= this.#gatherFor(storesWithinMs);
    return this.#gathering;
  }

  /** Forgets what was read of this key: somebody has just changed it. */
  touch(keyName: string): void {
    this.#looks.outdate(keyName);
    this.#latest = null;
    // What is being gathered for those who asked before may be older than the change.
    this.#gathering = null;
  }

  /** The overview now, and again whenever it shows something new; ends when `signal` aborts. */
  async *changes(signal: AbortSignal): AsyncGenerator<Overview, void> {
    let shown: string | null = null;
    while (!signal.aborted) {
      const overview = await this.latest();
      if (signal.aborted) return;
      if (overview.version !== shown) yield overview;
      shown = overview.version;
      await this.#deps.clock.sleep(FRESH_MS, signal).catch(() => {});
    }
  }

  #gatherFor(storesWithinMs: number): Promise<Overview> {
    const gathering = this.#gather(storesWithinMs).then((overview) => {
      if (this.#gathering === gathering) this.#latest = overview;
      return overview;
    });
    const ended = () => {
      if (this.#gathering === gathering) this.#gathering = null;
    };
    gathering.then(ended, ended);
    return gathering;
  }

  async #gather(storesWithinMs: number): Promise<Overview> {
    const { keys, clock } = this.#deps;
    const faults: string[] = [];
    const attempt = async (what: string, work: Promise<void>): Promise<boolean> => {
      try {
        const late = () => new Late(`${what} did not answer within ${READ_MS / 1000} s`);
        await waitWithin(clock, READ_MS, work, late);
        return true;
      } catch (error) {
        faults.push(error instanceof Late ? error.message : describeError(error));
        return false;
      }
    };
    const [, alerts, audit] = await Promise.all([
      attempt("the queue", this.#readJobs()),
      attempt("the records", this.#readAlerts()),
      attempt("the records", this.#readAudit()),
    ]);
    const jobsOf = signaturesOf(this.#jobs, this.#owners);
    await this.#looks.renew(keys, { jobsOf, records: alerts && audit, storesWithinMs });
    const now = clock.now();
    const compiled = compile({
      now,
      keys: keys.map((key) => ({ key, look: this.#looks.of(key) })),
      jobs: this.#jobs,
      alerts: this.#alerts?.alerts ?? [],
      records: this.#audit?.records ?? [],
    });
    const unread = keys.flatMap((key) => this.#looks.faultsOf(key));
    const overview = { ...compiled, faults: [...new Set([...faults, ...unread])] };
    return { ...overview, at: now, version: versionOf(overview) };
  }

  async #readJobs(): Promise<void> {
    this.#jobs = await this.#deps.jobs.unfinished();
  }

  async #readAlerts(): Promise<void> {
    const { records } = this.#deps;
    const { newest } = await readAlerts(records, 1);
    if (newest !== null && newest === this.#alerts?.newest) return;
    this.#alerts = await readAlerts(records, ALERTS_READ);
  }

  async #readAudit(): Promise<void> {
    const { records } = this.#deps;
    const newest = await newestRecord(records);
    if (newest !== null && newest === this.#audit?.newest) return;
    this.#audit = { newest, records: (await listRecords(records, { limit: RECORDS_READ })).rotations };
  }
}

class Late extends Error {}

function versionOf(overview: unknown): string {
  return createHash("sha1").update(JSON.stringify(overview)).digest("base64url");
}
