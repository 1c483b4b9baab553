/**
 * `POST /attestations`: an instance of an application says which secret it uses, by its fingerprint. Only whoever has
 * the consumer's token is read; a token of nobody's and one of another consumer are answered alike.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import type { Attestations } from "../core/attestation.ts";
import { QueueError } from "../core/errors.ts";
import type { Clock } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { AttestationLimit } from "./attestation-limit.ts";
import { sendProblem, statusTitle } from "./problem.ts";
import { RareLine } from "./rare-line.ts";
import { senderOf } from "./sender.ts";
import { SenderLimits } from "./sender-limits.ts";
import { Networks } from "./source-addresses.ts";

/** A consumer whose instances may attest. No two have the same name. */
export type AttestingConsumer = { readonly name: string; readonly token: Secret };

export type AttestationDeps = {
  readonly consumers: readonly AttestingConsumer[];
  readonly attestations: Attestations;
  readonly clock: Clock;
  readonly log: Logger;
  /** Addresses and networks. Only they are believed whom they were called by. Left out: none. */
  readonly trustedProxies?: readonly string[];
};

const BODY_LIMIT_BYTES = 4 * 1024;
const RETRY_AFTER_SECONDS = 60;
/** The one content type that has a parser here, and the parser looks at nothing. */
const OPAQUE = "application/octet-stream";

/** A key instead of its name is a mistake that must not get into the records. */
const NO_KEY = /pdl_[a-z]+_/i;

const Body = z.strictObject({
  consumer: z.string().regex(/^[a-z0-9-]{1,63}$/),
  instance: z
    .string()
    .regex(/^[\x21-\x7e]([\x20-\x7e]{0,98}[\x21-\x7e])?$/)
    .refine((name) => !NO_KEY.test(name)),
  fingerprint: z.string().regex(/^sha256:[0-9a-f]{16}$/),
});

const EXPECTED =
  'Send {"consumer":"…","instance":"…","fingerprint":"sha256:…"}: the consumer\'s name, 1 to 100 printable ASCII characters, and sha256: with the first 16 hex digits of the SHA-256 of the secret. Never send the secret.';

/** To be registered as a plugin, and only where some consumer attests: without it the path is unknown. */
export async function serveAttestations(app: FastifyInstance, deps: AttestationDeps): Promise<void> {
  const limit = new AttestationLimit(deps.clock);
  const senders = new SenderLimits(deps.clock);
  const proxies = new Networks(deps.trustedProxies ?? []);
  const refused = new RareLine(deps, "attestation refused: it has no consumer's token");
  const refuse = (request: FastifyRequest, reply: FastifyReply) => {
    const { sender } = senderOf(request, proxies);
    senders.failed(sender);
    refused.tell({ sender });
    return sendRefusal(reply);
  };
  app.addContentTypeParser(OPAQUE, { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.route({
    method: "POST",
    url: "/attestations",
    bodyLimit: BODY_LIMIT_BYTES,
    onRequest: (request, reply, done) => {
      // Before any of the body is read.
      const { sender } = senderOf(request, proxies);
      const turn = senders.admit(sender);
      if (turn.kind === "limited")
        return void busy(
          reply,
          429,
          "Too many attestations came from this address for nothing.",
          turn.waitSeconds,
        );
      if (holdersOf(request, deps.consumers).length === 0) return void refuse(request, reply);
      senders.proved(sender);
      if ((request.headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") {
        sendProblem(reply, 415, statusTitle(415), "Send the body without Content-Encoding.");
        return;
      }
      // JSON is what it must be, whatever the content type says.
      request.raw.headers["content-type"] = OPAQUE;
      done();
    },
    handler: async (request, reply) => {
      const { success, data } = Body.safeParse(parse(request.body));
      if (!success) return sendProblem(reply, 400, statusTitle(400), EXPECTED);
      const { consumer, ...attestation } = data;
      if (!holdersOf(request, deps.consumers).includes(consumer)) return refuse(request, reply);
      if (!limit.take(consumer)) return busy(reply, 429, "The instances of this consumer report too often.");
      try {
        const taken = await deps.attestations.take(consumer, attestation);
        if (taken === "full") return busy(reply, 429, "This consumer has too many instances.");
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
        deps.log.error({ consumer, reason: error.message }, "attestation not taken");
        return busy(reply, 503, "It could not be recorded. Send it again later.");
      }
      return reply.code(204).send();
    },
  });
}

/** The consumers that have this token. Every token is compared, in a time that does not depend on any. */
function holdersOf(request: FastifyRequest, consumers: readonly AttestingConsumer[]): string[] {
  const [, given = ""] = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? "") ?? [];
  return consumers.filter(({ token }) => token.matches(given)).map(({ name }) => name);
}

function parse(body: unknown): unknown {
  try {
    return Buffer.isBuffer(body) ? JSON.parse(body.toString()) : undefined;
  } catch {
    return undefined;
  }
}

function sendRefusal(reply: FastifyReply): FastifyReply {
  void reply.header("www-authenticate", "Bearer");
  return sendProblem(
    reply,
    401,
    statusTitle(401),
    "Send Authorization: Bearer with the attest.token of the consumer that the body names.",
  );
}

function busy(
  reply: FastifyReply,
  status: 429 | 503,
  detail: string,
  retryAfterSeconds = RETRY_AFTER_SECONDS,
): FastifyReply {
  void reply.header("retry-after", Math.ceil(retryAfterSeconds));
  return sendProblem(reply, status, statusTitle(status), detail);
}
