/** The alert rules and the metrics, judged by Prometheus' own tool. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openMetrics } from "../support/metrics/measured.ts";
import { jobOf, keyOverview, overviewOf } from "../support/metrics/overview.ts";
import { ensurePromtool } from "../support/promtool-executable.ts";

const FOLDER = resolve(import.meta.dirname, "../../docker/prometheus");

let promtool: string;
beforeAll(() => {
  promtool = ensurePromtool();
});

function judge(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: FOLDER, encoding: "utf8", input });
  return { status, says: stdout + stderr };
}

describe("the alert rules", () => {
  it("are rules", () => {
    const { status, says } = judge(["check", "rules", "rules/paddle-key-rotator.yml"]);
    expect(status, says).toBe(0);
  });

  it("fire when they must, and at no other time", () => {
    const { status, says } = judge(["test", "rules", "rules/paddle-key-rotator.test.yml"]);
    expect(status, says).toBe(0);
  });

  it("are found by the example configuration", () => {
    // Its token is on the machine where it runs.
    const { status, says } = judge(["check", "config", "--syntax-only", "prometheus.yml"]);
    expect(status, says).toBe(0);
  });
});

describe("a scrape", () => {
  it("is in Prometheus' format, and its names have no fault", async () => {
    const { metrics, scrape } = openMetrics();
    metrics.webhooks.acknowledged({ status: 200, ms: 3 });
    const odd = keyOverview('a "key" \\ with\nodd characters', { jobs: [jobOf("failed", 2)] });
    const text = await scrape({
      overview: async () => overviewOf([keyOverview(), odd]),
      depths: async () => ({ rotations: { waiting: 1 } }),
    });
    const ours = new Set(metrics.described.map(({ name }) => name));
    // The others are prom-client's, and some of those have names that promtool finds fault with.
    const blocks = text.split("\n\n").filter((block) => ours.has(/^# HELP (\S+)/.exec(block)?.[1] ?? ""));
    expect(blocks).toHaveLength(ours.size);
    const { status, says } = judge(["check", "metrics"], blocks.join("\n") + "\n");
    expect(status, says).toBe(0);
    expect(says).toBe("");
  });

  it("with all that prom-client adds can be read", async () => {
    const { status, says } = judge(["check", "metrics"], await openMetrics().scrape());
    // 3: it was read, and a name is not to its taste.
    expect([0, 3], says).toContain(status);
    expect(says).not.toContain("error while linting");
  });
});
