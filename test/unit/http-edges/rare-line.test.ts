import { describe, expect, it } from "vitest";
import { RareLine } from "../../../src/http/rare-line.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("a line about refusals", () => {
  it("is written once a minute, and says how many it stands for", async () => {
    const { log, lines } = captureLog();
    const clock = new FakeClock();
    const line = new RareLine({ clock, log }, "refused");
    for (let refusal = 0; refusal < 1_000; refusal += 1) line.tell({ sender: "192.0.2.1" });
    await clock.advance(59_999);
    line.tell({ sender: "192.0.2.2" });
    expect(lines).toMatchObject([{ sender: "192.0.2.1", count: 1 }]);
    await clock.advance(1);
    line.tell({ sender: "192.0.2.3" });
    expect(lines.slice(1)).toMatchObject([{ sender: "192.0.2.3", count: 1_001 }]);
  });

  it("is not kept quiet for as long as a clock was set back", () => {
    const { log, lines } = captureLog();
    const clock = new FakeClock();
    const line = new RareLine({ clock, log }, "refused");
    line.tell({ sender: "192.0.2.1" });
    clock.setBack(3_600_000);
    line.tell({ sender: "192.0.2.1" });
    expect(lines).toHaveLength(2);
  });
});
