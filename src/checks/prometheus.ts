/**
 * An instant query of the Prometheus HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/), whose
 * worst value is held against a threshold. Thanos, Mimir, VictoriaMetrics and others answer the same.
 */
import { z } from "zod";
import type { Check, CheckAnswer } from "../core/check.ts";
import type { Clock } from "../core/ports.ts";
import { quoted } from "../core/quoted.ts";
import type { Secret } from "../core/secret.ts";
import { type Answered, exchange } from "../requests/exchange.ts";
import { type Resolve, systemResolve } from "../requests/lookup.ts";
import { unasked, unknown } from "./unasked.ts";

export type PrometheusOptions = Omit<Check, "look"> & {
  /** What stands before `/api/v1/query`. */
  readonly url: string;
  readonly query: string;
  /** Which values are bad. */
  readonly bad: { readonly is: "above" | "below"; readonly threshold: number };
  /** null: it asks for none. */
  readonly token: Secret | null;
};

const DEADLINE_MS = 5_000;
/** Prometheus gives up a little earlier, and says so. */
const EVALUATION_S = 4;

const Failure = z.object({ status: z.literal("error"), errorType: z.string() });

/** A time and the value as text: `NaN`, `+Inf` and `-Inf` are no JSON numbers. */
const Sample = z.tuple([z.number(), z.string()]);
const Success = z.object({
  status: z.literal("success"),
  data: z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("scalar"), result: Sample }),
    z.object({ resultType: z.literal("vector"), result: z.array(z.object({ value: Sample.optional() })) }),
    z.object({ resultType: z.enum(["matrix", "string"]) }),
  ]),
});

/** @param net what tests replace */
export function prometheusCheck(
  options: PrometheusOptions,
  { clock }: { readonly clock: Clock },
  net: { readonly resolve?: Resolve; readonly deadlineMs?: number } = {},
): Check {
  const { url: base, query, bad, token, ...common } = options;
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/v1/query`;
  url.searchParams.set("query", query);
  url.searchParams.set("timeout", `${EVALUATION_S}s`);
  const headers = {
    accept: "application/json",
    "user-agent": "paddle-key-rotator",
    ...(token && { authorization: `Bearer ${token.reveal()}` }),
  };

  return {
    ...common,
    async look(): Promise<CheckAnswer> {
      const way = { rule: { allow: null }, resolve: net.resolve ?? systemResolve, clock };
      const deadlineMs = net.deadlineMs ?? DEADLINE_MS;
      const result = await exchange({ url, method: "GET", headers, body: null }, way, deadlineMs);
      if (result.kind !== "answered") return unasked(result, "url");
      const values = valuesOf(result);
      return "state" in values ? values : judge(values, bad);
    },
  };
}

/** The samples' values, or why there are none. */
function valuesOf({ status, body }: Answered): readonly number[] | CheckAnswer {
  const json = parse(body);
  if (status === 401 || status === 403) return unknown(`Prometheus answered ${status}; check token`);
  if (status >= 300 && status < 400)
    return unknown(`Prometheus answered ${status}, and redirects are not followed; set url to its address`);
  const failure = Failure.safeParse(json).data;
  if (failure) return unknown(`Prometheus answered ${status} (${quoted(failure.errorType)}); check query`);
  if (status !== 200) return unknown(`Prometheus answered ${status}; check url, and whether it is well`);
  const success = Success.safeParse(json).data;
  if (!success) return unknown("The answer is not one of the Prometheus HTTP API; check url");
  const { data } = success;
  switch (data.resultType) {
    case "scalar":
      return [valueOf(data.result)];
    case "vector":
      return data.result.map(({ value }) => (value ? valueOf(value) : Number.NaN));
    case "matrix":
    case "string":
      return unknown(`The query gives a ${data.resultType}; let it give a number`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valueOf([, text]: z.output<typeof Sample>): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** One series beyond the threshold is enough. What is no number is no evidence, neither for good nor for bad. */
function judge(values: readonly number[], { is, threshold }: PrometheusOptions["bad"]): CheckAnswer {
  if (values.length === 0) return unknown("The query gives nothing: no series matches");
  const numbers = values.filter((value) => !Number.isNaN(value));
  const worst = is === "above" ? Math.max(...numbers) : Math.min(...numbers);
  const isBad = numbers.length > 0 && (is === "above" ? worst > threshold : worst < threshold);
  if (isBad) return { state: "bad", says: `The query gives ${worst}, which is ${is} ${threshold}.` };
  if (numbers.length < values.length) return unknown("The query gives NaN");
  return { state: "good", says: `The query gives ${worst}, which is not ${is} ${threshold}.` };
}
