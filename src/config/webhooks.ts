/** The section `webhooks`: from where webhooks are taken, and whom the listener believes about that. */
import { isIP } from "node:net";
import { z } from "zod";
import { mustBe, text } from "./fields.ts";
import { section } from "./section.ts";

export type WebhooksConfig = {
  /** null: from everywhere. `networks`: addresses and networks. `paddle`: Paddle's own as well. */
  readonly allowedSources: { readonly networks: readonly string[]; readonly paddle: boolean } | null;
  /** Addresses and networks. */
  readonly trustedProxies: readonly string[];
};

const PADDLE = "paddle";
/** A wider one would be somebody else's network too. */
const WIDEST = { 4: 8, 6: 16 } as const;

function isNetwork(input: string): boolean {
  const [address = "", bits, more] = input.split("/");
  const version = isIP(address);
  if ((version !== 4 && version !== 6) || address.includes("%") || more !== undefined) return false;
  if (bits === undefined) return true;
  const most = version === 4 ? 32 : 128;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= WIDEST[version] && Number(bits) <= most;
}

const NETWORK = "an IP address, or a network such as 10.0.0.0/8, of at least /8 (IPv6: /16)";
const network = text(NETWORK, isNetwork);
const source = text(`${PADDLE}, or ${NETWORK}`, (input) => input === PADDLE || isNetwork(input));

const sources = `${PADDLE}, or a list of at least one IP address or network`;
const allowedSources = z
  .union([z.string(), z.array(z.unknown())], { error: mustBe(sources) })
  .transform((given) => (typeof given === "string" ? [given] : given))
  .pipe(z.array(source).min(1, { error: mustBe(sources) }))
  .transform((given) => ({
    networks: given.filter((one) => one !== PADDLE),
    paddle: given.includes(PADDLE),
  }));

const proxies = mustBe("a list of at least one IP address or network; leave it out to trust nobody");

export const webhooksSection = section({
  allowedSources: allowedSources.optional(),
  trustedProxies: z.array(network, { error: proxies }).min(1, { error: proxies }).optional(),
}).transform((given): WebhooksConfig => ({
  allowedSources: given.allowedSources ?? null,
  trustedProxies: given.trustedProxies ?? [],
}));
