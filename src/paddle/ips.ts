/** `GET /ips`: the addresses from which Paddle delivers webhooks (Paddle: IP addresses, List IP addresses). */
import { isIPv4 } from "node:net";
import { z } from "zod";
import { PaddleError } from "../core/errors.ts";
import type { PaddleObserver } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";

/** Paddle has a dozen single addresses. A list that opens the door to whole networks is not believed. */
const MOST = 256;
const WIDEST = 20;

const Network = z.string().refine((cidr) => {
  const [base = "", bits = "", more] = cidr.split("/");
  const isCidr = isIPv4(base) && /^\d{1,2}$/.test(bits) && more === undefined;
  return isCidr && Number(bits) >= WIDEST && Number(bits) <= 32;
});

const Sources = z.object({ ipv4_cidrs: z.array(Network).min(1).max(MOST) });

/** The networks of the account's environment, sorted. Any key may ask. Throws PaddleError. */
export async function readWebhookSources(paddle: PaddleObserver, secret: Secret): Promise<readonly string[]> {
  const { status, code, data } = await paddle.observe({ method: "GET", path: "/ips", as: secret });
  const isAnswer = status >= 200 && status < 300;
  const sources = isAnswer ? Sources.safeParse(data).data : undefined;
  if (sources) return [...new Set(sources.ipv4_cidrs)].toSorted();
  throw new PaddleError(
    isAnswer
      ? "GET /ips: Paddle's answer is no list of single addresses or small networks; it is not used"
      : `GET /ips: Paddle answered ${status}${code === null ? "" : ` (${code})`}`,
    {
      code: code ?? "unusable_answer",
      status,
      effect: "none",
      retry: "later",
    },
  );
}
