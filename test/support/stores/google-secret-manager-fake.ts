/**
 * Secret Manager on loopback, as the official client meets it over REST, with the token service of workload identity
 * federation beside it. Permissions are asked for by exact name before anything else is looked at.
 * - https://cloud.google.com/secret-manager/docs/access-control (permissions by method)
 * - https://cloud.google.com/iam/docs/permission-error-messages, https://cloud.google.com/apis/design/errors
 * - https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeSecrets, Refused } from "./google-secrets.ts";

type Route = {
  readonly method: string;
  readonly path: RegExp;
  /** null: everybody may. */
  readonly permission: string | null;
  readonly writes?: boolean;
  readonly serve: (secrets: FakeSecrets, asked: Asked) => unknown;
};

type Asked = {
  readonly secret: string;
  readonly version: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

const SECRET = String.raw`^/v1/(?<secret>projects/[^/:]+(?:/locations/[^/:]+)?/secrets/[^/:]+)`;
const VERSION = String.raw`/versions/(?<version>[^/:]+)`;
const at = (rest: string) => new RegExp(`${SECRET}${rest}$`);

const ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: at(`${VERSION}:access`),
    permission: "secretmanager.versions.access",
    serve: (secrets, { secret, version }) => secrets.access(secret, version),
  },
  {
    method: "POST",
    path: at(":addVersion"),
    permission: "secretmanager.versions.add",
    writes: true,
    serve: (secrets, { secret, body }) => secrets.add(secret, body),
  },
  {
    method: "GET",
    path: at("/versions"),
    permission: "secretmanager.versions.list",
    serve: (secrets, { secret, query }) => secrets.list(secret, query),
  },
  {
    method: "POST",
    path: at(`${VERSION}:disable`),
    permission: "secretmanager.versions.disable",
    writes: true,
    serve: (secrets, { secret, version, body }) => secrets.disable(secret, version, body),
  },
  {
    method: "GET",
    path: at(""),
    permission: "secretmanager.secrets.get",
    serve: (secrets, { secret }) => secrets.get(secret),
  },
  {
    method: "PATCH",
    path: at(""),
    permission: "secretmanager.secrets.update",
    writes: true,
    serve: (secrets, { secret, body, query }) => secrets.patch(secret, body, query),
  },
];
const PERMISSIONS = ROUTES.map(({ permission }) => permission);

export class FakeSecretManager implements AsyncDisposable {
  readonly secrets = new FakeSecrets();
  /** What was done, e.g. `secretmanager.versions.add projects/p/secrets/s`. */
  readonly calls: string[] = [];
  /** How many tokens were given out. */
  tokens = 0;
  silent = false;
  /** Leaves those who ask for a token without one. */
  refusesTokens = false;
  /** Is given each call before it is served. */
  onCall: (call: string) => void = () => {};
  #denied: readonly { readonly permission: string; readonly secret: string | null }[] = [];
  #faults: Refused[] = [];
  #losesAnswerOf: string | null = null;
  #accepted = new Set<string>();
  #folder = "";
  readonly #api = createServer((request, response) => void this.#serve(request, response));
  readonly #sts = createServer((request, response) => void this.#giveToken(request, response));

  static async open(): Promise<FakeSecretManager> {
    const fake = new FakeSecretManager();
    for (const server of [fake.#api, fake.#sts])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    fake.#folder = await mkdtemp(join(tmpdir(), "google-"));
    await writeFile(join(fake.#folder, "subject-token"), "canary-subject-token", { mode: 0o600 });
    await writeFile(fake.credentialsFile, JSON.stringify(fake.#credentials()), { mode: 0o600 });
    return fake;
  }

  get url(): string {
    return originOf(this.#api);
  }

  /** Of an identity of another cloud, as `gcloud iam workload-identity-pools create-cred-config` writes it. */
  get credentialsFile(): string {
    return join(this.#folder, "credentials.json");
  }

  /** Takes a permission away, on one secret or (null) on all. */
  deny(permission: string, secret: string | null = null): void {
    this.#denied = [...this.#denied, { permission, secret }];
  }

  /** Answers this many requests with a fault, from now on. */
  fail(count: number, fault: Refused): void {
    this.#faults = Array.from({ length: count }, () => fault);
  }

  /** Does the next such call and hangs up. */
  loseAnswerOf(call: string): void {
    this.#losesAnswerOf = call;
  }

  expireTokens(): void {
    this.#accepted = new Set();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#api, this.#sts]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await request.toArray()).toString();
    if (this.silent) return;
    const url = new URL(request.url ?? "", this.url);
    try {
      this.#authenticate(request);
      const fault = this.#faults.shift();
      if (fault) throw fault;
      const answer = this.#answer(request.method ?? "", url, text === "" ? {} : JSON.parse(text));
      if (answer === LOST) return void response.socket?.destroy();
      send(response, 200, answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { http, status, message, info } = error;
      const details = info ? [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", ...info }] : [];
      send(response, http, { error: { code: http, message, status, details } });
    }
  }

  #answer(method: string, url: URL, body: unknown): unknown {
    const path = decodeURIComponent(url.pathname);
    const tested = at(":testIamPermissions").exec(path)?.groups?.["secret"];
    if (method === "POST" && tested !== undefined) return this.#testPermissions(tested, body);
    const route = ROUTES.find((one) => one.method === method && one.path.test(path));
    if (!route) throw new Refused(404, "NOT_FOUND", "The requested URL was not found on this server.");
    const { secret = "", version = "" } = route.path.exec(path)?.groups ?? {};
    const call = `${route.permission} ${secret}`;
    this.onCall(call);
    if (!this.#allows(route.permission, secret)) throw denied(route.permission ?? "", secret);
    const answer = route.serve(this.secrets, { secret, version, query: url.searchParams, body });
    this.calls.push(call);
    if (this.#losesAnswerOf === null || !route.writes || !call.startsWith(this.#losesAnswerOf)) return answer;
    this.#losesAnswerOf = null;
    return LOST;
  }

  /** Nobody needs a permission for this, and of a secret that does not exist nobody has one. */
  #testPermissions(secret: string, body: unknown) {
    const { permissions = [] } = body as { permissions?: string[] };
    const unknown = permissions.find((permission) => !PERMISSIONS.includes(permission));
    if (unknown !== undefined)
      throw new Refused(400, "INVALID_ARGUMENT", `Permission ${unknown} is not valid.`);
    const exists = this.secrets.all.has(secret);
    const granted = permissions.filter((permission) => exists && this.#allows(permission, secret));
    return granted.length === 0 ? {} : { permissions: granted };
  }

  #allows(permission: string | null, secret: string): boolean {
    return !this.#denied.some(
      (denial) => denial.permission === permission && (denial.secret ?? secret) === secret,
    );
  }

  #authenticate({ headers }: IncomingMessage): void {
    const [, token] = /^Bearer (\S+)$/.exec(headers.authorization ?? "") ?? [];
    if (token !== undefined && this.#accepted.has(token)) return;
    throw new Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", {
      reason: token === undefined ? "CREDENTIALS_MISSING" : "ACCESS_TOKEN_EXPIRED",
      domain: "googleapis.com",
    });
  }

  async #giveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    if (this.refusesTokens || form.get("subject_token") !== "canary-subject-token")
      return send(response, 400, { error: "invalid_grant", error_description: "canary: no such subject" });
    const token = `canary-${randomUUID()}`;
    this.#accepted.add(token);
    this.tokens += 1;
    send(response, 200, {
      access_token: token,
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      token_type: "Bearer",
      expires_in: 3_600,
    });
  }

  #credentials() {
    return {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/test",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${originOf(this.#sts)}/v1/token`,
      credential_source: { file: join(this.#folder, "subject-token") },
    };
  }
}

const LOST = Symbol("an answer that gets lost");

function originOf(server: Server): string {
  // A server that listens on a port has an address of this kind.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function denied(permission: string, secret: string): Refused {
  const message = `Permission '${permission}' denied for resource '${secret}' (or it may not exist).`;
  const metadata = { resource: secret, permission };
  const info = { reason: "IAM_PERMISSION_DENIED", domain: "iam.googleapis.com", metadata };
  return new Refused(403, "PERMISSION_DENIED", message, info);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8" });
  response.end(JSON.stringify(body));
}
