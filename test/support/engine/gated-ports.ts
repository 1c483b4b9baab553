/** The engine's ports, each effect of which passes a gate. What only looks at our own side passes freely. */
import type { Alerts, JobHold, Journal, PaddleApi, SecretStore } from "../../../src/core/ports.ts";
import type { Gate } from "./gates.ts";

export function gatedPaddle<Paddle extends PaddleApi>(paddle: Paddle, gate: Gate): Paddle {
  return {
    ...paddle,
    ask: (...given: Parameters<PaddleApi["ask"]>) => gate.pass("paddle.ask", () => paddle.ask(...given)),
    createRotation: (...given: Parameters<PaddleApi["createRotation"]>) =>
      gate.pass("paddle.createRotation", () => paddle.createRotation(...given)),
  };
}

export function gatedStore(store: SecretStore, gate: Gate): SecretStore {
  return {
    location: store.location,
    read: () => store.read(),
    checkWritable: () => store.checkWritable(),
    write: (...given) => gate.pass("store.write", () => store.write(...given)),
  };
}

export function gatedHold({ lease, journal }: JobHold, gate: Gate): JobHold {
  const gated: Journal = { note: (...given) => gate.pass("queue.note", () => journal.note(...given)) };
  return { lease, journal: gated };
}

export function gatedAlerts(alerts: Alerts, gate: Gate): Alerts {
  return { raise: (alert) => gate.pass("alerts.raise", () => alerts.raise(alert)) };
}
