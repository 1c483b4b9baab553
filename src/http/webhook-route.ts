/** `POST /webhooks/paddle`: hands the bytes, as they came over the wire, to `receive` and sends its answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Answer, receive, type ReceiveDeps } from "../webhook/receive.ts";
import { sendProblem, statusTitle } from "./problem.ts";
import type { Judgement, WebhookGate } from "./webhook-gate.ts";

/**
 * The one content type that has a parser here: it hands on the bytes, so that nothing answers garbage before its
 * signature is judged. fastify-raw-body does the same by reading every body a second time.
 */
const OPAQUE = "application/octet-stream";

export type WebhookRouteDeps = ReceiveDeps & {
  /** Judges who sends before anything is read. Left out: everybody may send, however often. */
  readonly gate?: WebhookGate;
  /** Hears of every answer as it is sent, and how long after the request's arrival. Left out: nobody does. */
  readonly acknowledged?: (what: { readonly status: number; readonly ms: number }) => void;
};

declare module "fastify" {
  interface FastifyRequest {
    /** When a webhook's headers were read, by `performance.now()`. */
    arrivedAt: number;
    /** Who is admitted to send webhooks; null: nobody was judged. */
    sender: string | null;
  }
}

/** To be registered as a plugin, so that its parser serves no other route. */
export async function serveWebhooks(app: FastifyInstance, deps: WebhookRouteDeps): Promise<void> {
  app.addContentTypeParser(OPAQUE, { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  const { gate, acknowledged } = deps;
  app.decorateRequest("arrivedAt", 0);
  app.decorateRequest("sender", null);
  app.addHook("onRequest", (request, reply, done) => {
    request.arrivedAt = performance.now();
    if (gate) passGate(gate.judge(request), request, reply, done);
    else done();
  });
  if (acknowledged)
    app.addHook("onSend", (request, reply, _payload, done) => {
      const ms = performance.now() - request.arrivedAt;
      // Who has left, or was cut off for being slow, is answered nothing.
      if (!reply.raw.destroyed) acknowledged({ status: reply.statusCode, ms });
      done();
    });

  const calledForNothing = ({ sender }: FastifyRequest) => {
    if (sender !== null) gate?.calledForNothing(sender);
  };
  app.addHook("onError", (request, _reply, { statusCode = 500 }, done) => {
    if (statusCode < 500) calledForNothing(request);
    done();
  });

  app.route<{ Body: Buffer }>({
    method: "POST",
    url: "/webhooks/paddle",
    onRequest: (request, reply, done) => {
      // The signature covers the bytes on the wire, so there is nothing to decode.
      const encoding = request.headers["content-encoding"] ?? "identity";
      if (encoding.toLowerCase() !== "identity") {
        calledForNothing(request);
        deps.log.warn("webhook refused: it has a content encoding");
        sendProblem(
          reply,
          415,
          statusTitle(415),
          "Send the body as it was signed: without Content-Encoding.",
        );
        return;
      }
      // The signature is the check, whatever the content type says: Paddle documents none, and Fastify would
      // refuse one that it cannot read.
      request.raw.headers["content-type"] = OPAQUE;
      done();
    },
    handler: async (request, reply) => {
      // Several headers of this name come joined by commas, which its grammar refuses.
      const signatureHeader = request.headers["paddle-signature"]?.toString();
      return send(
        reply,
        await receive({ rawBody: request.body, signatureHeader }, deps, learning(deps, request)),
      );
    },
  });
}

function passGate(
  judgement: Judgement | Promise<Judgement>,
  request: FastifyRequest,
  reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  if (judgement instanceof Promise)
    return void judgement.then((judged) => passGate(judged, request, reply, done), done);
  if (judgement.kind === "admitted") {
    request.sender = judgement.sender;
    return done();
  }
  if (judgement.kind === "foreign") return void sendProblem(reply, 403, statusTitle(403));
  void reply.header("retry-after", judgement.retryAfterSeconds);
  sendProblem(reply, 429, statusTitle(429), "Too many requests came from this address for nothing.");
}

/** The gate learns what became of a webhook with everybody else who hears of it. */
function learning({ gate, heard }: WebhookRouteDeps, request: FastifyRequest): ReceiveDeps["heard"] {
  const { sender } = request;
  if (!gate || sender === null) return heard;
  return (webhook) => {
    gate.learn(sender, webhook.result, request);
    heard?.(webhook);
  };
}

const RECEIVED = JSON.stringify({ received: true });

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.status === 200) return reply.type("application/json").send(RECEIVED);
  if (answer.status === 503) void reply.header("retry-after", answer.retryAfterSeconds);
  return sendProblem(reply, answer.status, statusTitle(answer.status), answer.detail);
}
