import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createErrorLog } from "../../../src/queue/error-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function capture() {
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = pino({ level: "trace" }, { write: (line: string) => lines.push(line) });
  return { lines, clock, errors: createErrorLog({ log, clock }) };
}

describe("an outage of the queue", () => {
  it("is a line each half minute with the number of those left out, however often it is reported", async () => {
    const { lines, clock, errors } = capture();
    for (let report = 0; report < 100_000; report += 1)
      errors("rotations", new Error("Connection is closed."));
    expect(lines).toHaveLength(1);
    await clock.advance(29_999);
    errors("rotations", new Error("Connection is closed."));
    expect(lines).toHaveLength(1);
    await clock.advance(1);
    errors("rotations", new Error("Connection is closed."));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('"leftOut":100000');
  });

  it("is not kept quiet for as long as a clock was set back", () => {
    const { lines, clock, errors } = capture();
    errors("redis", new Error("Connection is closed."));
    clock.setBack(3_600_000);
    errors("redis", new Error("Connection is closed."));
    expect(lines).toHaveLength(2);
  });

  it("does not quote what a client says, which may be a password", () => {
    const { lines, errors } = capture();
    errors("redis", new Error("WRONGPASS for redis://:canary-password@host"));
    expect(lines.join("")).not.toContain("canary-password");
    expect(lines).toHaveLength(1);
  });
});
