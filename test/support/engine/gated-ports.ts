/** The engine's ports, each effect of which passes a gate. What only looks at our own side passes freely. */
import type { Consumer } from "../../../src/core/consumer.ts";
import type {
  Alerts,
  JobHold,
  Journal,
  PaddleApi,
  PlatformRotation,
  Records,
  SecretStore,
} from "../../../src/core/ports.ts";
import type { Gate } from "./gates.ts";

/** Whatever authenticates is an effect: Paddle notes it, and a first use activates. */
export function gatedPaddle<Paddle extends PaddleApi>(paddle: Paddle, gate: Gate): Paddle {
  return {
    ...paddle,
    ask: (...given: Parameters<PaddleApi["ask"]>) => gate.pass("paddle.ask", () => paddle.ask(...given)),
    createRotation: (...given: Parameters<PaddleApi["createRotation"]>) =>
      gate.pass("paddle.createRotation", () => paddle.createRotation(...given)),
    getRotation: (...given: Parameters<PaddleApi["getRotation"]>) =>
      gate.pass("paddle.getRotation", () => paddle.getRotation(...given)),
    listRotations: (...given: Parameters<PaddleApi["listRotations"]>) =>
      gate.pass("paddle.listRotations", () => paddle.listRotations(...given)),
    readKey: (...given: Parameters<PaddleApi["readKey"]>) =>
      gate.pass("paddle.readKey", () => paddle.readKey(...given)),
  };
}

/** @param name what its writes are called: the standby may lie in a store of its own */
export function gatedStore(store: SecretStore, gate: Gate, name = "store"): SecretStore {
  return {
    location: store.location,
    guide: store.guide,
    ...(store.platform && { platform: gatedPlatform(store.platform, gate) }),
    read: () => store.read(),
    checkWritable: () => store.checkWritable(),
    write: (...given) => gate.pass(`${name}.write`, () => store.write(...given)),
  };
}

function gatedPlatform(platform: PlatformRotation, gate: Gate): PlatformRotation {
  return {
    name: platform.name,
    putKey: platform.putKey,
    inCharge: () => platform.inCharge(),
    state: (intentId) => platform.state(intentId),
    start: (order) => gate.pass("platform.start", () => platform.start(order)),
  };
}

export function gatedConsumer(consumer: Consumer, gate: Gate): Consumer {
  const { name, refreshMs, timeoutMs, needs } = consumer;
  return {
    name,
    refreshMs,
    timeoutMs,
    needs,
    notify: (...given) => gate.pass("consumer.notify", () => consumer.notify(...given)),
    observe: (...given) => consumer.observe(...given),
  };
}

export function gatedRecords(records: Records, gate: Gate): Records {
  return {
    get: (...given) => records.get(...given),
    list: (...given) => records.list(...given),
    putIfAbsent: (...given) => gate.pass("records.putIfAbsent", () => records.putIfAbsent(...given)),
    trim: (...given) => records.trim(...given),
    append: (...given) => gate.pass("records.append", () => records.append(...given)),
  };
}

export function gatedHold({ lease, journal }: JobHold, gate: Gate): JobHold {
  const gated: Journal = {
    receivedAt: journal.receivedAt,
    get facts() {
      return journal.facts;
    },
    note: (...given) => gate.pass("queue.note", () => journal.note(...given)),
  };
  return { lease, journal: gated };
}

export function gatedAlerts(alerts: Alerts, gate: Gate): Alerts {
  return { raise: (alert) => gate.pass("alerts.raise", () => alerts.raise(alert)) };
}
