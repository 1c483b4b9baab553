/**
 * The listener that strangers reach: Paddle's webhooks, attestations where a consumer makes some, `/livez` and
 * `/readyz`, and nothing else. Every request is bounded in size and time, connections are bounded in number, and until
 * its signature is verified nothing of a body is looked at.
 */
import fastify, { type FastifyInstance } from "fastify";
import type { Attestations } from "../core/attestation.ts";
import { type AttestingConsumer, serveAttestations } from "./attestation-route.ts";
import { boundPieces } from "./body-pieces.ts";
import { endConnectionsOnClose } from "./closing.ts";
import { answerBadPath, answerFaults } from "./faults.ts";
import { type Readiness, serveHealth } from "./health.ts";
import { schemaController } from "./schema-controller.ts";
import { serverFactory, type Tls } from "./server.ts";
import { refuseUnreadable } from "./unreadable.ts";
import { serveWebhooks, type WebhookRouteDeps } from "./webhook-route.ts";

export type PublicListenerDeps = WebhookRouteDeps & {
  readonly readiness: Readiness;
  /** The consumers whose instances say by themselves what they use, each with its own token. */
  readonly attesting: readonly AttestingConsumer[];
  readonly attestations: Attestations;
  /** Left out, or null: plain HTTP, as behind a proxy. */
  readonly tls?: Tls | null;
  /** Addresses and networks whose connections carry those of many. Left out: none. */
  readonly trustedProxies?: readonly string[];
};

const BODY_LIMIT_BYTES = 256 * 1024;
const BOUNDS = {
  headerBytes: 8 * 1024,
  /** Paddle gives up after 5 s; what has not arrived by then is of no use to it. */
  arrivalMs: 5_000,
  /** For a peer that reads no answer. Longer than the time that `receive` takes at worst. */
  silenceMs: 10_000,
  /** Longer than the 60 s for which load balancers keep a connection: it must be they who close it first. */
  keepAliveMs: 72_000,
  /** Far more than Paddle and a few load balancers open, and a quarter of the 4,096 files of a small container. */
  connections: 1_024,
  connectionsOfOne: 128,
};

/** Builds the listener; whoever calls `listen` on it closes it. */
export function buildPublicListener(deps: PublicListenerDeps): FastifyInstance {
  const app = fastify({
    // `receive` and `answerFaults` log what is worth a line.
    logger: false,
    schemaController,
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: serverFactory({
      listener: "public",
      tls: deps.tls ?? null,
      bounds: BOUNDS,
      trustedProxies: deps.trustedProxies ?? [],
      clock: deps.clock,
      log: deps.log,
    }),
    // A webhook that comes in on an open connection while we close is still taken: the queue closes after us.
    return503OnClosing: false,
    frameworkErrors: answerBadPath,
    clientErrorHandler: refuseUnreadable,
  });
  // No route parses by content type; Fastify's own parsers would answer garbage before its signature is judged.
  app.removeAllContentTypeParsers();
  endConnectionsOnClose(app);
  boundPieces(app);
  answerFaults(app, deps.log);
  serveHealth(app, deps.readiness, "verdict-only");
  void app.register((scope) => serveWebhooks(scope, deps));
  const { attesting: consumers } = deps;
  if (consumers.length > 0) void app.register((scope) => serveAttestations(scope, { ...deps, consumers }));
  return app;
}
