/**
 * What becomes of webhooks, jobs and people while one neighbour of the service is in trouble, and after it:
 * `npm run bench -- faults [seconds of the fault] [neighbours, or all] [faults, or all] [how many at once]`.
 * Several have commas between them, as in "Redis,alert channel". docs/faults.md says what the columns mean. A promise that is broken makes it fail.
 */
import { brokenPromises } from "../test/support/faults/promises.ts";
import { FAULTS } from "../test/support/faults/fault-proxy.ts";
import { NEIGHBOURS } from "../test/support/faults/neighbourhood.ts";
import { type Cell, play, type Verdict } from "../test/support/faults/play.ts";
import { table } from "./report.ts";

const PATIENCE_MS = 180_000;
const WEBHOOK_EVERY_MS = 2_000;
const HEAD = [
  "scenario",
  "slowest s",
  "200",
  "503",
  "other",
  "issued",
  "core %",
  "not ready s",
  "told s",
  "well s",
  "told of",
];

export async function faults(): Promise<void> {
  const [seconds = "20", neighbour = "all", fault = "all", atOnce = "6"] = process.argv.slice(3);
  const cells = chosen(NEIGHBOURS, neighbour).flatMap((one) =>
    chosen(FAULTS, fault).map((other): Cell => ({ neighbour: one, fault: other })),
  );
  console.log(`${cells.length} scenarios, each fault for ${seconds} s, ${atOnce} at once`);
  const verdicts: (Verdict | null)[] = cells.map(() => null);
  const waiting = [...cells.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, cell] = next;
      const times = {
        faultMs: Number(seconds) * 1_000,
        patienceMs: PATIENCE_MS,
        webhookEveryMs: WEBHOOK_EVERY_MS,
      };
      try {
        const verdict = await play(cell, times);
        verdicts[index] = verdict;
        console.log(`played: ${row(verdict).join(" | ")}`);
        for (const broken of brokenPromises(verdict)) complain(cell, broken);
      } catch (error) {
        complain(cell, String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, work));
  console.log(
    table(
      HEAD,
      verdicts.flatMap((verdict) => (verdict ? [row(verdict)] : [])),
    ),
  );
}

function chosen<Name extends string>(all: readonly Name[], wish: string): readonly Name[] {
  if (wish === "all") return all;
  return wish.split(",").map((name) => {
    const found = all.find((one) => one === name);
    if (found === undefined) throw new Error(`${name} is none of: all, ${all.join(", ")}`);
    return found;
  });
}

function complain(cell: Cell, what: string): void {
  console.error(`${nameOf(cell)}: ${what}`);
  process.exitCode = 1;
}

function nameOf({ neighbour, fault }: Cell): string {
  return `${neighbour}: ${fault}`;
}

function row(verdict: Verdict): string[] {
  const { answers, paged } = verdict;
  const { 200: taken = 0, 503: refused = 0, ...others } = answers;
  return [
    nameOf(verdict),
    inSeconds(verdict.slowestMs),
    String(taken),
    String(refused),
    String(Object.values(others).reduce((sum, count) => sum + count, 0)),
    String(verdict.issued),
    verdict.cpu === null ? "–" : String(Math.round(verdict.cpu * 100)),
    inSeconds(verdict.unreadyAfterMs),
    inSeconds(paged?.afterMs),
    inSeconds(verdict.wellAfterMs),
    paged?.kinds.join(", ") ?? "–",
  ];
}

function inSeconds(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "–" : (ms / 1_000).toFixed(1);
}
