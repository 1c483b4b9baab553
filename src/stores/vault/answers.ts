/** What Vault's answers say, as far as this store needs it (Vault: HTTP API; KV secrets engine version 2). */
import { z } from "zod";
import { type Answered, headerOf } from "./exchange.ts";

export type Reply = {
  readonly status: number;
  /** Of a redirect. */
  readonly location: string | null;
  readonly text: string;
  /** The body, parsed; null: it is no JSON. */
  readonly json: unknown;
};

export function readReply(answer: Answered): Reply {
  const { status, body } = answer;
  return { status, location: headerOf(answer, "location"), text: body, json: parse(body) };
}

/** null: the text is not JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const Errors = z.object({ errors: z.array(z.string()) });

/** Whether this is an error as Vault writes them, and not one of a proxy on the way. */
export function isVaultError(json: unknown): boolean {
  return Errors.safeParse(json).success;
}

/**
 * What Vault is known to say. An error may quote the request, and so a secret: nothing else of it is ever shown.
 * That a check-and-set did not match has no code of its own, only these words.
 */
const SAYINGS = [
  "check-and-set parameter did not match the current version",
  "check-and-set parameter required for this call",
  "Vault is sealed",
  "invalid role or secret ID",
  "invalid role name",
  "namespace not authorized",
  "service account name not authorized",
  "rate limit quota exceeded",
  "lease count quota exceeded",
  "no handler for route",
  "unsupported path",
  "unsupported operation",
  "invalid token",
  "permission denied",
  "local node not active but active cluster node not found",
  "no active Vault instance found",
  "node is not active",
] as const;

export type Saying = (typeof SAYINGS)[number];

/** The first of Vault's known words that the error has; null: none. */
export function sayingOf(json: unknown): Saying | null {
  const errors = Errors.safeParse(json).data?.errors.join("\n") ?? "";
  return SAYINGS.find((saying) => errors.includes(saying)) ?? null;
}

const VersionFacts = z.object({
  version: z.number().int().positive(),
  destroyed: z.boolean().default(false),
});

/** The fields of a secret, whatever their names and values. */
export type Data = Readonly<Record<string, unknown>>;

// Not z.record, which leaves out fields with names such as __proto__.
const data = z.custom<Data>((value) => typeof value === "object" && value !== null && !Array.isArray(value));

/** What a version of a secret holds. */
export const SecretData = z.object({ data: z.object({ data }) });

/** A version of a secret. */
export const SecretVersion = z.object({
  data: z.object({ data, metadata: VersionFacts }),
});

/** A version that is no more. */
export const GoneVersion = z.object({ data: z.object({ data: z.null(), metadata: VersionFacts }) });

/** What is known of a secret beside its versions. */
export const SecretMetadata = z.object({
  data: z.object({ current_version: z.number().int().nonnegative() }),
});

const CustomMetadata = z.record(z.string(), z.string());
export type CustomMetadata = z.output<typeof CustomMetadata>;

/** The answer to a write. */
export const Written = z.object({ data: z.object({ custom_metadata: CustomMetadata.nullish() }) });

/** A token as it is given out or renewed. */
export const TokenGiven = z.object({
  auth: z.object({
    client_token: z.string().min(1),
    /** In seconds; 0: it does not end. */
    lease_duration: z.number().nonnegative(),
    renewable: z.boolean(),
  }),
});

/** A token as it is looked up. */
export const TokenFacts = z.object({
  data: z.object({
    /** In seconds; 0: it does not end. */
    ttl: z.number().nonnegative(),
    renewable: z.boolean().default(false),
  }),
});

/** What the token may do, by path. */
export const Capabilities = z.object({ data: z.record(z.string(), z.array(z.string())) });

/** `sys/health`; its status says more than these. */
export const Health = z.object({ initialized: z.boolean(), sealed: z.boolean(), standby: z.boolean() });
