/**
 * A small Kubernetes API server over HTTPS: bearer tokens, RBAC for each verb and resourceName, and GET and server-side
 * apply of Secrets. Strict: what it does not know it refuses. From the Kubernetes API reference (Secret v1, PatchOptions)
 * and https://kubernetes.io/docs/reference/access-authn-authz/rbac/. It counts and can misbehave.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { text } from "node:stream/consumers";
import { Secrets } from "./kubernetes-secrets.ts";
import {
  badRequest,
  forbidden,
  notFound,
  StatusError,
  tooManyRequests,
  unauthorized,
} from "./kubernetes-status.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";

export type Verb = "get" | "patch" | "create";

/** One request as it was answered. */
export type Answered = {
  readonly verb: string;
  readonly path: string;
  readonly dryRun: boolean;
  readonly status: number;
};

export const USER = "system:serviceaccount:rotator:paddle-key-rotator";

export class KubernetesFake implements AsyncDisposable {
  readonly secrets = new Secrets();
  /** Whom a bearer token stands for. */
  readonly tokens = new Map<string, string>();
  readonly log: Answered[] = [];
  readonly #server: Server;
  readonly #cert: string;
  /** `user verb namespace/name`. */
  readonly #allowed = new Set<string>();
  #hangs = false;
  #throttled = 0;
  #losesAnswer = false;
  /** Answers in place of our own, first to last; `null`: the connection breaks before anything is done. */
  readonly #next: (StatusError | string | null)[] = [];
  #admission: ((body: string, dryRun: boolean) => StatusError | null) | null = null;

  private constructor() {
    const { cert, key } = selfSignedCertificate();
    this.#cert = cert;
    this.#server = createServer({ cert, key }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  static async open(): Promise<KubernetesFake> {
    const fake = new KubernetesFake();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    return address.port;
  }

  /** Of its certificate authority, in PEM. */
  get authority(): string {
    return this.#cert;
  }

  allow(verbs: readonly Verb[], namespace: string, name: string, user = USER): void {
    for (const verb of verbs) this.#allowed.add(`${user} ${verb} ${namespace}/${name}`);
  }

  deny(verb: Verb, namespace: string, name: string, user = USER): void {
    this.#allowed.delete(`${user} ${verb} ${namespace}/${name}`);
  }

  /** A new token, and no old one is worth anything any more. */
  rotateToken(user = USER): string {
    this.tokens.clear();
    const token = randomUUID();
    this.tokens.set(token, user);
    return token;
  }

  hang(): void {
    this.#hangs = true;
  }

  throttle(requests: number): void {
    this.#throttled = requests;
  }

  /** Ends `hang` and `throttle`. */
  recover(): void {
    this.#hangs = false;
    this.#throttled = 0;
  }

  loseNextAnswer(): void {
    this.#losesAnswer = true;
  }

  /** The next requests are answered so, whatever they are. */
  answerNext(...answers: readonly (StatusError | string | null)[]): void {
    this.#next.push(...answers);
  }

  /** An admission webhook: looks at every write that is authorized. */
  admit(webhook: (body: string, dryRun: boolean) => StatusError | null): void {
    this.#admission = webhook;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const body = await text(request).catch(() => "");
    if (this.#hangs) return;
    const next = this.#next.shift();
    if (next === null) {
      request.socket.destroy();
      return;
    }
    const dryRun = url.searchParams.has("dryRun");
    const verb = request.method?.toLowerCase() ?? "";
    const note = (status: number) => this.log.push({ verb, path: url.pathname, dryRun, status });
    if (typeof next === "string") {
      note(200);
      response.writeHead(200, { "content-type": "text/html" }).end(next);
      return;
    }
    try {
      if (next) throw next;
      const answer = this.#answer(request, url, body);
      note(200);
      if (this.#losesAnswer && verb === "patch" && !dryRun) {
        this.#losesAnswer = false;
        request.socket.destroy();
        return;
      }
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    } catch (error) {
      const status =
        error instanceof StatusError ? error : new StatusError(500, "InternalError", String(error));
      note(status.code);
      response
        .writeHead(status.code, {
          "content-type": "application/json",
          "audit-id": randomUUID(),
          ...(status.code === 429 && { "retry-after": "1" }),
        })
        .end(JSON.stringify(status.body));
    }
  }

  #answer(request: IncomingMessage, url: URL, body: string): object {
    const user = this.tokens.get(/^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
    if (user === undefined) throw unauthorized();
    if (this.#throttled > 0) {
      this.#throttled -= 1;
      throw tooManyRequests();
    }
    const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/([^/]+)$/.exec(url.pathname) ?? [];
    if (namespace === undefined || name === undefined) throw notFound(url.pathname);
    const verb = request.method?.toLowerCase();
    if (verb !== "get" && verb !== "patch")
      throw new StatusError(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
      );
    const authorize = (needed: Verb) => {
      if (!this.#allowed.has(`${user} ${needed} ${namespace}/${name}`))
        throw forbidden(user, needed, namespace, name);
    };
    authorize(verb);
    if (verb === "get") return this.secrets.get(namespace, name);
    if (request.headers["content-type"] !== "application/apply-patch+yaml")
      throw new StatusError(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
    const options = optionsOf(url.searchParams);
    const refused = this.#admission?.(body, options.dryRun);
    if (refused) throw refused;
    return this.secrets.apply(namespace, name, body, { ...options, mayCreate: () => authorize("create") });
  }
}

function optionsOf(query: URLSearchParams) {
  for (const name of query.keys())
    if (!["fieldManager", "force", "dryRun", "fieldValidation", "pretty"].includes(name))
      throw badRequest(`unknown query parameter ${name}`);
  const dryRun = query.get("dryRun");
  if (dryRun !== null && dryRun !== "All")
    throw new StatusError(
      422,
      "Invalid",
      `PatchOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: "${dryRun}"`,
    );
  return {
    manager: query.get("fieldManager") ?? "",
    force: query.get("force") === "true",
    dryRun: dryRun === "All",
  };
}
