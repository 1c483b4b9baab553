/**
 * The listener that strangers reach: Paddle's webhooks, attestations where a consumer makes some, `/livez` and
 * `/readyz`, and nothing else. Every request is
 * bounded in size and time, and until its signature is verified nothing of a body is looked at.
 */
import fastify, { type FastifyInstance } from "fastify";
import type { Attestations } from "../core/attestation.ts";
import { type AttestingConsumer, serveAttestations } from "./attestation-route.ts";
import { endConnectionsOnClose } from "./closing.ts";
import { answerBadPath, answerFaults } from "./faults.ts";
import { type Readiness, serveHealth } from "./health.ts";
import { refuseUnreadable } from "./unreadable.ts";
import { serveWebhooks, type WebhookRouteDeps } from "./webhook-route.ts";

export type PublicListenerDeps = WebhookRouteDeps & {
  readonly readiness: Readiness;
  /** The consumers whose instances say by themselves what they use, each with its own token. */
  readonly attesting: readonly AttestingConsumer[];
  readonly attestations: Attestations;
};

const BODY_LIMIT_BYTES = 256 * 1024;
const HEADER_LIMIT_BYTES = 8 * 1024;
/** Paddle gives up after 5 s; what has not arrived by then is of no use to it. */
const ARRIVAL_LIMIT_MS = 5_000;
/** For a peer that reads no answer. Longer than the time that `receive` takes at worst. */
const SILENCE_LIMIT_MS = 10_000;
/** Longer than the 60 s for which load balancers keep a connection: it must be they who close it first. */
const KEEP_ALIVE_MS = 72_000;

/** Builds the listener; whoever calls `listen` on it closes it. */
export function buildPublicListener(deps: PublicListenerDeps): FastifyInstance {
  const app = fastify({
    // `receive` and `answerFaults` log what is worth a line.
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: ARRIVAL_LIMIT_MS,
    connectionTimeout: SILENCE_LIMIT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: ARRIVAL_LIMIT_MS,
      // Node looks for late requests only every 30 s unless told otherwise.
      connectionsCheckingInterval: 1_000,
    },
    // A webhook that comes in on an open connection while we close is still taken: the queue closes after us.
    return503OnClosing: false,
    frameworkErrors: answerBadPath,
    clientErrorHandler: refuseUnreadable,
  });
  // No route parses by content type; Fastify's own parsers would answer garbage before its signature is judged.
  app.removeAllContentTypeParsers();
  endConnectionsOnClose(app);
  answerFaults(app, deps.log);
  serveHealth(app, deps.readiness, "verdict-only");
  void app.register((scope) => serveWebhooks(scope, deps));
  const { attesting: consumers } = deps;
  if (consumers.length > 0) void app.register((scope) => serveAttestations(scope, { ...deps, consumers }));
  return app;
}
