/**
 * Keeps the overview for everybody who looks. Nobody looking costs nothing; many looking cost as much as one. A store is
 * read again when a job of its key has come further, and otherwise twice a minute: reads of some stores are paid for.
 */
import { createHash } from "node:crypto";
import { readAlerts } from "../alerts/alert-log.ts";
import type { Alert } from "../core/alert.ts";
import type { JobList, JobView } from "../core/job-view.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Clock, Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { AuditRecord } from "../rotation/audit-record.ts";
import { listRecords, newestRecord } from "../rotation/record.ts";
import { compile } from "./compile.ts";
import { type KeyLook, lookAt } from "./key-look.ts";
import type { Overview } from "./overview.ts";

/** Whoever asks within this time gets the same answer. */
const FRESH_MS = 1_000;
const REREAD_MS = 30_000;
const LOOKS_AT_ONCE = 20;
const ALERTS_READ = 500;
const RECORDS_READ = 200;

export type WatchDeps = {
  readonly keys: readonly ManagedKey[];
  readonly jobs: JobList;
  readonly records: Records;
  readonly clock: Clock;
};

type Kept = { readonly look: KeyLook; readonly jobs: string };

export class OverviewWatch {
  readonly #deps: WatchDeps;
  readonly #looks = new Map<string, Kept>();
  #jobs: readonly JobView[] = [];
  #alerts: { readonly newest: string | null; readonly alerts: readonly Alert[] } | null = null;
  #audit: { readonly newest: string | null; readonly records: readonly AuditRecord[] } | null = null;
  #latest: Overview | null = null;
  #gathering: Promise<Overview> | null = null;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  /** The overview as it is now, give or take a second. Never rejects: what could not be read is among its faults. */
  async latest(): Promise<Overview> {
    const { clock } = this.#deps;
    if (this.#latest && clock.now() - this.#latest.at < FRESH_MS) return this.#latest;
    this.#gathering ??= this.#gather().finally(() => (this.#gathering = null));
    return this.#gathering;
  }

  /** Forgets what was read of this key: somebody has just changed it. */
  touch(keyName: string): void {
    this.#looks.delete(keyName);
    this.#latest = null;
  }

  /** The overview now, and again whenever it shows something new; ends when `signal` aborts. */
  async *changes(signal: AbortSignal): AsyncGenerator<Overview, void> {
    let shown: string | null = null;
    while (!signal.aborted) {
      const overview = await this.latest();
      if (overview.version !== shown) yield overview;
      shown = overview.version;
      await this.#deps.clock.sleep(FRESH_MS, signal).catch(() => {});
    }
  }

  async #gather(): Promise<Overview> {
    const { keys, clock } = this.#deps;
    const faults: string[] = [];
    const attempt = async (work: () => Promise<void>) => {
      await work().catch((error: unknown) => faults.push(describeError(error)));
    };
    await Promise.all([
      attempt(async () => void (this.#jobs = await this.#deps.jobs.unfinished())),
      attempt(() => this.#readAlerts()),
      attempt(() => this.#readRecords()),
    ]);
    const waiting = keys.filter((key) => this.#isStale(key));
    const worker = async () => {
      for (let key = waiting.shift(); key; key = waiting.shift()) {
        const { name } = key;
        await attempt(async () => {
          const jobs = this.#signatureOf(name);
          this.#looks.set(name, { look: await lookAt(key, this.#deps), jobs });
        });
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, worker));
    const now = clock.now();
    const compiled = compile({
      now,
      keys: keys.map((key) => ({ key, look: this.#looks.get(key.name)?.look ?? null })),
      jobs: this.#jobs,
      alerts: this.#alerts?.alerts ?? [],
      records: this.#audit?.records ?? [],
    });
    const overview = { ...compiled, faults: [...new Set(faults)] };
    this.#latest = { ...overview, at: now, version: versionOf(overview) };
    return this.#latest;
  }

  async #readAlerts(): Promise<void> {
    const { records } = this.#deps;
    const { newest } = await readAlerts(records, 1);
    if (newest !== null && newest === this.#alerts?.newest) return;
    this.#alerts = await readAlerts(records, ALERTS_READ);
  }

  async #readRecords(): Promise<void> {
    const { records } = this.#deps;
    const newest = await newestRecord(records);
    if (newest !== null && newest === this.#audit?.newest) return;
    this.#audit = { newest, records: (await listRecords(records, { limit: RECORDS_READ })).rotations };
  }

  #isStale({ name }: ManagedKey): boolean {
    const kept = this.#looks.get(name);
    if (!kept) return true;
    return this.#deps.clock.now() - kept.look.at >= REREAD_MS || kept.jobs !== this.#signatureOf(name);
  }

  /** Another one whenever a job of the key has come further. */
  #signatureOf(keyName: string): string {
    const own = this.#jobs.filter(({ work }) => work.keyName === keyName);
    return JSON.stringify(
      own.map(({ work, state, facts }) => [work.intent.id, state, Object.keys(facts).length]),
    );
  }
}

function versionOf(overview: unknown): string {
  return createHash("sha1").update(JSON.stringify(overview)).digest("base64url");
}
