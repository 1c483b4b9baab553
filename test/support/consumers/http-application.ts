/**
 * A sample application on the loopback, as its authors would write it from docs/consumers.md: it takes notifications
 * that are signed as https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md has
 * it, each id once, and tells whoever has its token which secret each of its instances uses.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { z } from "zod";

const Notification = z.strictObject({
  type: z.literal("paddle_key.rotated"),
  key: z.string(),
  rotation: z.string().nullable(),
  fingerprint: z.string(),
});

export type Reply = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Closes the connection without an answer. */
  readonly drop?: true;
};

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
};

export class HttpApplication implements AsyncDisposable {
  readonly secret = `whsec_${Buffer.from("canary-signing-secret-of-32-byte").toString("base64")}`;
  readonly token = "canary-verify-token";
  readonly notified = new Map<string, z.output<typeof Notification>>();
  readonly requests: Seen[] = [];
  /** By instance. */
  readonly uses = new Map<string, string | null>([
    ["billing-1", "sha256:00000000000000aa"],
    ["billing-2", "sha256:00000000000000aa"],
  ]);
  /** Answers that come instead of the application's own, each once; a function: to every request. */
  readonly instead: Reply[] = [];
  always: ((seen: Seen) => Reply | null) | null = null;
  /** The next notification is taken, and then nothing is answered. */
  losesAnswer = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        (reply) => send(reply, request, response),
        () => send({ status: 500 }, request, response),
      );
    });
  }

  static async open(): Promise<HttpApplication> {
    const application = new HttpApplication();
    application.#server.listen(0, "127.0.0.1");
    await once(application.#server, "listening");
    return application;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const body = await text(request);
    const seen = { method: request.method ?? "", path: request.url ?? "", headers: request.headers };
    this.requests.push(seen);
    const reply = this.instead.shift() ?? this.always?.(seen);
    if (reply) return reply;
    const route = `${seen.method} ${seen.path}`;
    if (route === "POST /paddle-key/reload") return this.#notify(body, request.headers);
    if (route.split("?")[0] === "GET /paddle-key") return this.#verify(request.headers);
    return { status: 404 };
  }

  #notify(body: string, headers: IncomingMessage["headers"]): Reply {
    const webhook = new Webhook(this.secret);
    try {
      webhook.verify(body, headers as Record<string, string>);
    } catch {
      return { status: 401 };
    }
    const notification = Notification.safeParse(JSON.parse(body));
    if (!notification.success || !headers["content-type"]?.startsWith("application/json"))
      return { status: 400 };
    const id = String(headers["webhook-id"]);
    if (!this.notified.has(id)) this.notified.set(id, notification.data);
    if (!this.losesAnswer) return { status: 204 };
    this.losesAnswer = false;
    return { status: 0, drop: true };
  }

  #verify(headers: IncomingMessage["headers"]): Reply {
    if (headers.authorization !== `Bearer ${this.token}`) return { status: 401 };
    const instances = [...this.uses].map(([id, fingerprint]) => ({ id, fingerprint }));
    return jsonReply({ instances });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, "close");
  }
}

export function jsonReply(value: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function send(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  // A status of 0 hangs.
  if (reply.drop) request.socket.destroy();
  else if (reply.status !== 0) response.writeHead(reply.status, reply.headers).end(reply.body);
}
