/**
 * Each neighbour of the service in its most dangerous trouble, all at the same time: webhooks are answered, nothing is
 * lost, nothing is done twice, and it goes on by itself. `npm run bench -- faults` plays every fault of every neighbour.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { FAULTS } from "../support/faults/fault-proxy.ts";
import { NEIGHBOURS } from "../support/faults/neighbourhood.ts";
import { type Cell, play } from "../support/faults/play.ts";
import { brokenPromises } from "../support/faults/promises.ts";

const PAGE = readFileSync(resolve(import.meta.dirname, "../../docs/faults.md"), "utf8");
const TIMES = { faultMs: 4_000, patienceMs: 60_000, webhookEveryMs: 1_000 };

const DANGEROUS: readonly Cell[] = [
  // Connections of that time are dead and do not say so.
  { neighbour: "Redis", fault: "black hole" },
  { neighbour: "PostgreSQL", fault: "black hole" },
  // It is done, and nobody here knows.
  { neighbour: "Vault", fault: "answer lost" },
  { neighbour: "Paddle", fault: "answer lost" },
  { neighbour: "alert channel", fault: "reset" },
  // What was sent is done later.
  { neighbour: "application", fault: "half-open" },
];

describe("while a neighbour is in trouble, and after it,", () => {
  it.concurrent.for(DANGEROUS)(
    "nothing is lost or done twice: $neighbour, $fault",
    async (cell, { expect: expected }) => {
      const verdict = await play(cell, TIMES);
      expected(brokenPromises(verdict)).toEqual([]);
      const isQueue = cell.neighbour === "Redis" || cell.neighbour === "PostgreSQL";
      expected(verdict.unreadyAfterMs !== null, "readiness speaks of the queue, and of nothing else").toBe(
        isQueue,
      );
    },
  );
});

describe("docs/faults.md", () => {
  it("has a row for every fault of every neighbour, and no other", () => {
    const rows = [...PAGE.matchAll(/^\| ([\w -]+): ([\w -]+?) +\|/gm)].map(
      ([, one, other]) => `${one}: ${other}`,
    );
    expect(rows).toEqual(NEIGHBOURS.flatMap((one) => FAULTS.map((other) => `${one}: ${other}`)));
  });
});
