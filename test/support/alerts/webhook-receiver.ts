/** A receiver of signed webhooks that keeps to the letter of Standard Webhooks 1.0.0, with no library of ours. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Answer, Request } from "./http-fake.ts";

const TOLERANCE_S = 5 * 60;

const Body = z.object({
  type: z.string().regex(/^\w+(\.\w+)*$/),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});
export type Delivery = z.output<typeof Body> & { readonly id: string };

export class WebhookReceiver {
  readonly path = "/hooks/alerts?token=webhookCanary";
  readonly #key = Buffer.from("webhookCanary-webhookCanary-0123");
  readonly secret = `whsec_${this.#key.toString("base64")}`;
  readonly deliveries: Delivery[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  serve({ method, path, headers, body }: Request): Answer {
    if (method !== "POST" || path !== this.path) return { status: 404, body: "" };
    const [id, at, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(
      (name) => headers[name]?.toString() ?? "",
    );
    if (!id || id.includes(".") || !at || !signatures) return { status: 400, body: "missing headers" };
    if (Math.abs(this.#now() / 1000 - Number(at)) > TOLERANCE_S) return { status: 400, body: "too old" };
    const expected = createHmac("sha256", this.#key).update(`${id}.${at}.${body}`).digest();
    const isSigned = signatures.split(" ").some((signature) => {
      const mac = Buffer.from(signature.replace(/^v1,/, ""), "base64");
      return signature.startsWith("v1,") && mac.length === expected.length && timingSafeEqual(mac, expected);
    });
    if (!isSigned) return { status: 401, body: "signature does not match" };
    const parsed = Body.safeParse(JSON.parse(body));
    if (!parsed.success) return { status: 400, body: "not an alert" };
    this.deliveries.push({ ...parsed.data, id });
    return { status: 204, body: "" };
  }
}
