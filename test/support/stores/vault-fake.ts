/**
 * A Vault with one KV engine of version 2, on loopback: what this project uses of it, as strict as the real one
 * (Vault: HTTP API, with its status codes; KV version 2; token; AppRole; Kubernetes; sys/health;
 * sys/capabilities-self). It counts and keeps every request, and does what a test asks of its network.
 */
import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import type { Certificate } from "./self-signed-certificate.ts";
import { isObject, type KvAnswer, KvEngine } from "./vault-fake-kv.ts";
import { TokenStore } from "./vault-fake-tokens.ts";

export type Seen = {
  readonly method: string;
  /** Below /v1/. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  status: number;
};

type Fault = {
  left: number;
  readonly status: number;
  readonly error: string;
  readonly headers: Record<string, string>;
};
type Fields = Record<string, unknown>;

/** `forwarding`: a standby that cannot forward, and so points to the active node. */
export type Condition = "active" | "sealed" | "uninitialised" | "standby" | "forwarding" | "dr-secondary";

export type VaultFakeOptions = {
  readonly now?: () => number;
  readonly namespace?: string | null;
  readonly certificate?: Certificate | null;
};

export class VaultFake implements AsyncDisposable {
  readonly kv: KvEngine;
  readonly tokens: TokenStore;
  readonly seen: Seen[] = [];
  condition: Condition = "active";
  /** Where a standby says the active node is. */
  activeNode = "";
  /** Of a load balancer in front, for everything that Vault would answer. */
  frontPage: { readonly status: number; readonly body: string } | null = null;
  readonly #namespace: string | null;
  readonly #scheme: string;
  readonly #server: Server;
  readonly #faults: Fault[] = [];
  #spared = 0;
  #isSilent = false;
  #losesNextWrite = false;
  #index = 0;

  private constructor({ now = Date.now, namespace = null, certificate = null }: VaultFakeOptions) {
    this.kv = new KvEngine(now);
    this.tokens = new TokenStore(now);
    this.#namespace = namespace;
    this.#scheme = certificate ? "https" : "http";
    const answer: RequestListener = (request, response) => void this.#answer(request, response);
    this.#server = certificate ? createTlsServer(certificate, answer) : createServer(answer);
    this.#server.keepAliveTimeout = 120_000;
  }

  static async open(options: VaultFakeOptions = {}): Promise<VaultFake> {
    const fake = new VaultFake(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("this Vault listens on no port");
    return `${this.#scheme}://127.0.0.1:${address.port}`;
  }

  hang(): void {
    this.#isSilent = true;
  }

  /** Answers the next requests, but for those about its health, with this error. */
  fail(times: number, status: number, error: string, headers: Record<string, string> = {}): void {
    this.#faults.push({ left: times, status, error, headers });
  }

  /** Like `fail`, but lets some requests through before. */
  failAfter(spared: number, times: number, status: number, error: string): void {
    this.#spared = spared;
    this.fail(times, status, error);
  }

  /** Ends `hang` and `fail`. */
  recover(): void {
    this.#isSilent = false;
    this.#faults.length = 0;
  }

  /** Does the next write of data and breaks the connection. */
  loseNextAnswer(): void {
    this.#losesNextWrite = true;
  }

  /** Requests by method and path, as `POST secret/data/billing`. */
  calls(about = ""): string[] {
    return this.seen.map(({ method, path }) => `${method} ${path}`).filter((call) => call.includes(about));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
    );
    const seen: Seen = { method, path: url.replace(/^\/v1\//, ""), headers, body, status: 0 };
    this.seen.push(seen);
    if (this.#isSilent) return;
    const { status, body: said, headers: more = {} } = this.#respond(seen);
    seen.status = status;
    if (this.#losesNextWrite && method === "POST" && seen.path.includes("/data/")) {
      this.#losesNextWrite = false;
      return void request.socket.destroy();
    }
    const spoken = typeof said === "string" ? said : said === undefined ? "" : JSON.stringify(said);
    response.writeHead(status, { "content-type": "application/json", ...more }).end(spoken);
  }

  #respond(seen: Seen): KvAnswer & { headers?: Record<string, string> } {
    if (this.frontPage) return this.frontPage;
    if (seen.path === "sys/health") return this.#health();
    const fault = this.#spared === 0 ? this.#faults.find(({ left }) => left > 0) : undefined;
    this.#spared = Math.max(this.#spared - 1, 0);
    if (fault) {
      fault.left -= 1;
      return { ...errors(fault.status, fault.error), headers: fault.headers };
    }
    if (this.condition === "uninitialised" || this.condition === "sealed")
      return errors(503, "Vault is sealed");
    if (this.condition === "standby")
      return errors(500, "local node not active but active cluster node not found");
    if (this.condition === "forwarding")
      return { status: 307, headers: { location: `${this.activeNode}/v1/${seen.path}` } };
    if (this.condition === "dr-secondary")
      return errors(472, "path disabled in replication DR secondary mode");
    if ((seen.headers["x-vault-namespace"] ?? null) !== this.#namespace)
      return errors(404, `no handler for route "${seen.path}". route entry not found.`);
    const parsed = parseBody(seen.body);
    if (parsed === null) return errors(400, "failed to parse JSON input: invalid character");
    const answer = this.#login(seen, parsed) ?? this.#authorised(seen, parsed);
    const hasWritten = answer.status === 200 && seen.method === "POST" && seen.path.includes("/data/");
    return hasWritten ? { ...answer, headers: { "x-vault-index": `index-${(this.#index += 1)}` } } : answer;
  }

  #health(): KvAnswer {
    const { condition } = this;
    const initialized = condition !== "uninitialised";
    const sealed = condition === "sealed" || !initialized;
    const standby = condition === "standby" || condition === "forwarding";
    const status = !initialized
      ? 501
      : sealed
        ? 503
        : standby
          ? 429
          : condition === "dr-secondary"
            ? 472
            : 200;
    return { status, body: { initialized, sealed, standby } };
  }

  /** null: this is no sign-in. */
  #login({ method, path }: Seen, fields: Fields): KvAnswer | null {
    if (method !== "POST") return null;
    if (path === "auth/approle/login") {
      const auth = this.tokens.loginByAppRole(fields);
      return auth ? { status: 200, body: envelope({ auth }) } : errors(400, "invalid role or secret ID");
    }
    if (path !== "auth/kubernetes/login") return null;
    if (fields["role"] !== this.tokens.kubernetesRole)
      return errors(400, `invalid role name "${String(fields["role"])}"`);
    const auth = this.tokens.loginByKubernetes(fields);
    return auth ? { status: 200, body: envelope({ auth }) } : errors(403, "permission denied");
  }

  #authorised({ method, path, headers }: Seen, fields: Fields): KvAnswer {
    const token = headers["x-vault-token"];
    if (token === undefined) return errors(403, "1 error occurred:\n\t* permission denied\n\n");
    if (!this.tokens.isGood(token))
      return errors(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
    const [mount, kind, ...rest] = path.split("/");
    const [isKv, secret] = [mount === "secret", rest.join("/")];
    const isNew = isKv && !this.kv.exists(secret);
    const capability = method === "GET" ? "read" : isNew ? "create" : "update";
    if (!this.tokens.allows(path, capability))
      return errors(403, "1 error occurred:\n\t* permission denied\n\n");
    switch (`${method} ${isKv ? kind : path}`) {
      case "GET data":
        return this.kv.readData(secret);
      case "POST data":
        return this.kv.writeData(secret, fields);
      case "GET metadata":
        return this.kv.readMetadata(secret);
      case "POST metadata":
        return this.kv.writeMetadata(secret, fields);
      case "GET auth/token/lookup-self":
        return { status: 200, body: envelope({ data: this.tokens.lookUp(token) }) };
      case "POST auth/token/renew-self": {
        const auth = this.tokens.renew(token);
        return auth ? { status: 200, body: envelope({ auth }) } : errors(400, "lease is not renewable");
      }
      case "POST sys/capabilities-self":
        return this.#capabilities(fields["paths"]);
      default:
        return errors(405, "1 error occurred:\n\t* unsupported operation\n\n");
    }
  }

  #capabilities(paths: unknown): KvAnswer {
    if (!Array.isArray(paths) || paths.length === 0) return errors(400, "paths must be supplied");
    const found = Object.fromEntries(
      paths.map((path) => [String(path), this.tokens.capabilities(String(path))]),
    );
    return { status: 200, body: envelope({ data: found }) };
  }
}

function envelope(parts: Fields): Fields {
  return {
    request_id: randomUUID(),
    lease_id: "",
    renewable: false,
    data: null,
    warnings: null,
    auth: null,
    ...parts,
  };
}

function errors(status: number, error: string): KvAnswer {
  return { status, body: { errors: [error] } };
}

/** null: not a JSON object. */
function parseBody(body: string): Fields | null {
  if (body === "") return {};
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
