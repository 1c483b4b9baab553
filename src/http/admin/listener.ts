/**
 * The listener for those who run the rotator: the keys, the queue dashboard and health. Whoever configures no
 * credentials gets it on loopback only.
 */
import type { Queue } from "bullmq";
import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { OverviewWatch } from "../../overview/watch.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { endConnectionsOnClose } from "../closing.ts";
import { answerBadPath } from "../faults.ts";
import { type Readiness, serveHealth } from "../health.ts";
import { schemaController } from "../schema-controller.ts";
import { serverFactory, type Tls } from "../server.ts";
import { refuseUnreadable } from "../unreadable.ts";
import { PATH_PART_LIMIT, serveDashboard } from "./queues/dashboard.ts";
import { type Scrape, serveMetrics } from "./metrics-route.ts";
import { servePages } from "./pages/page-routes.ts";
import { createAdmission } from "./admission.ts";
import { keepGate, STRICT_HEADERS } from "./gate.ts";
import type { KeyDesk } from "./desk/key-desk.ts";
import { serveApi } from "./api/api-routes.ts";
import { refuseFaults, refuseOtherMethods } from "./refusal.ts";
import type { SignInSettings } from "./sign-in.ts";

export type AdminListenerDeps = {
  readonly signIn: SignInSettings;
  /** Where people reach it, without a slash at its end; null: not said. */
  readonly url: string | null;
  /** True if the address it will listen on can be reached from this machine only. */
  readonly listensOnLoopbackOnly: boolean;
  readonly queues: readonly Queue[];
  readonly readiness: Readiness;
  readonly keys: KeyDesk;
  readonly overview: OverviewWatch;
  readonly scrape: Scrape;
  /** Of this program. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Left out, or null: plain HTTP. */
  readonly tls?: Tls | null;
};

const BODY_LIMIT_BYTES = 16 * 1024;
/** Longer than the stores, the queue and Paddle are waited for together. */
const ANSWER_LIMIT_MS = 15_000;
const BOUNDS = {
  headerBytes: 8 * 1024,
  arrivalMs: 10_000,
  /** For a peer that reads no answer. */
  silenceMs: 20_000,
  connections: 512,
  connectionsOfOne: 128,
};

/** Builds the listener; whoever calls `listen` on it closes it. Throws ConfigError if it would be open to the network. */
export function buildAdminListener(deps: AdminListenerDeps): FastifyInstance {
  const admission = createAdmission(deps.signIn, deps.clock, deps.log);
  if (!admission.asksForSignIn && !deps.listensOnLoopbackOnly) throw new ConfigError(OPEN_TO_THE_NETWORK);
  const app = fastify({
    // What is worth a line is logged where it happens.
    logger: false,
    schemaController,
    bodyLimit: BODY_LIMIT_BYTES,
    handlerTimeout: ANSWER_LIMIT_MS,
    serverFactory: serverFactory({
      listener: "admin",
      tls: deps.tls ?? null,
      bounds: BOUNDS,
      trustedProxies: deps.signIn.proxy?.addresses ?? [],
      clock: deps.clock,
      log: deps.log,
    }),
    routerOptions: { maxParamLength: PATH_PART_LIMIT },
    // What comes in while we close is still answered: the queue closes after us.
    return503OnClosing: false,
    // No hook sees these.
    frameworkErrors: (error, request, reply) => answerBadPath(error, request, reply.headers(STRICT_HEADERS)),
    clientErrorHandler: refuseUnreadable,
  });
  endConnectionsOnClose(app);
  // A form of another site can send text/plain without the browser asking us first; JSON it cannot.
  app.removeContentTypeParser("text/plain");
  keepGate(app, admission, deps.url);
  refuseFaults(app, deps.log);
  serveHealth(app, deps.readiness);
  refuseOtherMethods(app, "/livez", "GET");
  refuseOtherMethods(app, "/readyz", "GET");
  const { keys: desk, overview, url, version } = deps;
  serveApi(app, { desk, overview }, { url, version });
  const { user, token, viewer } = deps.signIn;
  const shared = [user?.password ?? null, token, viewer?.user?.password ?? null, viewer?.token ?? null];
  servePages(app, { desk, overview, shared });
  serveMetrics(app, deps.scrape);
  serveDashboard(app, deps.queues, deps.log, deps.keys.names);
  return app;
}

const OPEN_TO_THE_NETWORK =
  "the admin listener has no credentials, so it may listen on loopback only: " +
  "set ADMIN_USER and ADMIN_PASSWORD, or ADMIN_TOKEN, or set ADMIN_HOST to 127.0.0.1";
