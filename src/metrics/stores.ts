/** Reads and writes of secret stores: how many, how they end, how long they take. */
import type { SecretStore } from "../core/ports.ts";
import type { Meter } from "./meter.ts";
import { type Call, observed } from "./observed.ts";

const OPERATIONS = ["read", "write", "checkWritable"] as const satisfies readonly (keyof SecretStore)[];
const NAMES: Readonly<Record<string, string>> = { read: "read", write: "write", checkWritable: "check" };
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `type`: of the store, as the configuration names it. */
export type MeasuredStore = <Store extends SecretStore>(store: Store, type: string) => Store;

export function measureStores(meter: Meter): MeasuredStore {
  const calls = meter.counter({
    name: "store_calls_total",
    help: "Reads, writes and checks of secret stores by type of store, operation and result.",
    labels: ["store", "operation", "result"],
  });
  const duration = meter.histogram(
    {
      name: "store_call_duration_seconds",
      help: "How long reads, writes and checks of secret stores took.",
      labels: ["store", "operation"],
    },
    SECONDS,
  );
  return (store, type) => {
    for (const operation of Object.values(NAMES))
      for (const result of ["ok", "error"]) calls.inc({ store: type, operation, result }, 0);
    return observed(store, OPERATIONS, {
      elapsed: meter.elapsed,
      heard: (call) => {
        const labels = { store: type, operation: NAMES[call.method] ?? call.method };
        calls.inc({ ...labels, result: resultOf(call) });
        duration.observe(labels, call.seconds);
      },
    });
  };
}

function resultOf(call: Call): "ok" | "conflict" | "error" {
  if ("error" in call) return "error";
  return call.method === "write" && call.value === "conflict" ? "conflict" : "ok";
}
