/** Calls to Paddle: how many, how they end, how long they take. */
import type { PaddleApi } from "../core/ports.ts";
import { PaddleError } from "../core/errors.ts";
import type { Meter } from "./meter.ts";
import { type Call, observed } from "./observed.ts";

const OPERATIONS = [
  "ask",
  "createRotation",
  "getRotation",
  "listRotations",
  "readKey",
  "listKeys",
  "listEvents",
  "listDestinations",
  "probe",
] as const satisfies readonly (keyof PaddleApi)[];

const SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type MeasuredPaddle = <Client extends PaddleApi & { readonly urgent: PaddleApi }>(
  client: Client,
) => Client;

export function measurePaddle(meter: Meter): MeasuredPaddle {
  const calls = meter.counter({
    name: "paddle_calls_total",
    help: "Calls to Paddle's API by operation, urgency and result; a list of many pages is one call.",
    labels: ["operation", "urgency", "result"],
  });
  const duration = meter.histogram(
    {
      name: "paddle_call_duration_seconds",
      help: "How long calls to Paddle took, with their wait for our share of the rate limit.",
      labels: ["operation", "urgency"],
    },
    SECONDS,
  );
  const measured = <Api extends PaddleApi>(api: Api, urgency: "ordinary" | "urgent"): Api =>
    observed(api, OPERATIONS, {
      elapsed: meter.elapsed,
      heard: (call) => {
        const labels = { operation: call.method, urgency };
        calls.inc({ ...labels, result: resultOf(call) });
        duration.observe(labels, call.seconds);
      },
    });
  return (client) => {
    const urgent = measured(client.urgent, "urgent");
    return new Proxy(measured(client, "ordinary"), {
      get: (target, name) => (name === "urgent" ? urgent : Reflect.get(target, name)),
    });
  };
}

/** `refused`: Paddle says that the credential is dead, which is an answer. */
function resultOf(call: Call): string {
  if ("value" in call) return isRefusal(call.value) ? "refused" : "ok";
  if (!(call.error instanceof PaddleError)) return "error";
  const { status } = call.error;
  if (status === null) return "no-answer";
  if (status === 429) return "rate-limited";
  return status >= 500 ? "server-error" : "rejected";
}

function isRefusal(value: unknown): boolean {
  return typeof value === "object" && value !== null && "accepted" in value && value.accepted === false;
}
