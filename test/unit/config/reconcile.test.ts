/** The section `reconcile` of the file. */
import { describe, expect, it } from "vitest";
import { FILE, faultsOf, read } from "./sources.ts";

const withSection = (section: string) => `${FILE}reconcile: { ${section} }\n`;

describe("the section reconcile", () => {
  it("may be left out", () => {
    expect(read().reconcile).toEqual({
      everyMs: 900_000,
      silenceMs: 86_400_000,
      heartbeat: null,
      readWith: null,
      publicUrl: null,
    });
  });

  it("takes everything that can be said, and keeps the heartbeat's address secret", () => {
    const given =
      "every: 1h, silence: 2d, heartbeat: https://hc.example/s3cret?a=b, readWith: billing, publicUrl: https://keys.example.com";
    const { reconcile } = read({ yaml: withSection(given) });
    expect(reconcile).toMatchObject({
      everyMs: 3_600_000,
      silenceMs: 172_800_000,
      readWith: "billing",
      publicUrl: "https://keys.example.com",
    });
    expect(reconcile.heartbeat?.reveal()).toBe("https://hc.example/s3cret?a=b");
    expect(JSON.stringify(reconcile)).not.toContain("s3cret");
  });

  it.each([
    ["every: 59s", "reconcile.every"],
    ["every: 25h", "reconcile.every"],
    ["heartbeat: http://hc.example/s3cret", "reconcile.heartbeat"],
    ["heartbeat: https://u:s3cret@hc.example", "reconcile.heartbeat"],
    ["readWith: reports", "reconcile.readWith"],
    ["publicUrl: http://keys.example.com", "reconcile.publicUrl"],
    ["every: 2h, silence: 1h", "reconcile.silence"],
    ["evry: 2h", "reconcile.evry"],
  ])("refuses %s, and names the field without its value", (given, field) => {
    const faults = faultsOf({ yaml: withSection(given) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`${field} (rotator.yaml:`);
    expect(faults[0]).not.toContain("s3cret");
  });

  it("takes a heartbeat by http on this machine", () => {
    const { heartbeat } = read({ yaml: withSection("heartbeat: http://127.0.0.1:9000/beat") }).reconcile;
    expect(heartbeat?.reveal()).toBe("http://127.0.0.1:9000/beat");
  });
});
