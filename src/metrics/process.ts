/** The process itself: its release, and what prom-client measures of every Node.js process. */
import { collectDefaultMetrics } from "prom-client";
import { type Meter, PREFIX } from "./meter.ts";

/** The event loop is looked at so often, in milliseconds; more often would keep an idle machine awake. */
const LOOP_EVERY_MS = 50;

export function measureProcess(meter: Meter, version: string): void {
  const build = meter.gauge({
    name: "build_info",
    help: "Always 1; the labels have the release and the version of Node.js.",
    labels: ["version", "node"],
  });
  build.set({ version, node: process.versions.node }, 1);
  collectDefaultMetrics({
    register: meter.registry,
    prefix: PREFIX,
    eventLoopMonitoringPrecision: LOOP_EVERY_MS,
  });
}
