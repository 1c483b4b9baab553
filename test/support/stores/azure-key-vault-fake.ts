/**
 * A key vault on loopback, over HTTPS, as the official client meets it: a request without a token is answered by a
 * challenge, permissions are asked for by exact name, bodies are read only then.
 * - https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
 * - https://learn.microsoft.com/azure/key-vault/general/rbac-guide (the data actions)
 * - https://learn.microsoft.com/azure/key-vault/general/rest-error-codes, …/overview-throttling
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { FakeSecrets, type FakeVersion, Refused } from "./azure-key-vault-secrets.ts";
import { FakeTokens } from "./azure-tokens.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";

/** The data actions of Azure RBAC that secrets know, and their names in access policies. */
export const ACTIONS = {
  get: "Microsoft.KeyVault/vaults/secrets/getSecret/action",
  set: "Microsoft.KeyVault/vaults/secrets/setSecret/action",
  update: "Microsoft.KeyVault/vaults/secrets/update/action",
  list: "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
} as const;
export type Action = keyof typeof ACTIONS;
const POLICY_PERMISSIONS = { get: "get", set: "set", update: "set", list: "list" } as const;

/** An answer in the place of the real one. */
export type Fault = { readonly refusal: Refused; readonly headers?: Readonly<Record<string, string>> };
export type Call = { readonly action: Action; readonly secret: string; readonly status: number };

type Asked = { readonly action: Action; readonly secret: string; readonly version: string | null };

export const THROTTLED = new Refused(
  429,
  "Throttled",
  "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
);

export class FakeKeyVault implements AsyncDisposable {
  readonly tokens = new FakeTokens();
  readonly secrets: FakeSecrets;
  /** Requests that carried a token and were let in, in their order. */
  readonly calls: Call[] = [];
  /** Which permission model the vault uses. */
  model: "rbac" | "access-policies" = "rbac";
  silent = false;
  /** Leaves requests of this kind without an answer. */
  silentAt: Action | null = null;
  /** Takes its time to ask this kind of request for a token. */
  slowChallengeOf: Action | null = null;
  url = "";
  #denied: readonly { readonly action: Action; readonly secret: string | null }[] = [];
  #faults: Fault[] = [];
  readonly #faultOf = new Map<Action, Fault>();
  #losesNextWrite = false;
  readonly #certificate = selfSignedCertificate();
  readonly #server = createServer({ ...this.#certificate }, (request, response) => {
    void this.#serve(request, response);
  });

  private constructor(now: () => number) {
    this.secrets = new FakeSecrets(now);
  }

  static async open(now: () => number = Date.now): Promise<FakeKeyVault> {
    const vault = new FakeKeyVault(now);
    await new Promise<void>((resolve) => vault.#server.listen(0, "127.0.0.1", resolve));
    // A server that listens on a port has an address of this kind.
    vault.url = `https://127.0.0.1:${(vault.#server.address() as AddressInfo).port}`;
    return vault;
  }

  /** What a client needs in order to trust this server. */
  get authority(): string {
    return this.#certificate.cert;
  }

  /** Takes a permission away, for one secret or (null) for all. */
  deny(action: Action, secret: string | null = null): void {
    this.#denied = [...this.#denied, { action, secret }];
  }

  /** Answers this many requests with a fault, from now on. */
  fail(count: number, fault: Fault): void {
    this.#faults = Array.from({ length: count }, () => fault);
  }

  /** Answers the next request of this kind with a fault. */
  failOnce(action: Action, fault: Fault): void {
    this.#faultOf.set(action, fault);
  }

  /** Does the next write and hangs up. */
  loseNextAnswer(): void {
    this.#losesNextWrite = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await request.toArray()).toString();
    if (this.silent) return;
    const asked = parseUrl(request, this.url);
    if (!request.headers.authorization && asked?.action === this.slowChallengeOf) await setTimeout(100);
    try {
      if (asked !== null && asked.action === this.silentAt) return;
      if (asked === null) throw new Refused(400, "BadParameter", "The request URI is not valid");
      this.#authenticate(request);
      const fault = this.#faults.shift() ?? this.#faultOf.get(asked.action);
      this.#faultOf.delete(asked.action);
      if (fault) return this.#refuse(response, asked, fault);
      this.#authorize(asked);
      const answer = this.#do(asked, text, new URL(request.url ?? "", this.url));
      this.calls.push({ action: asked.action, secret: asked.secret, status: 200 });
      if (this.#losesNextWrite && (asked.action === "set" || asked.action === "update")) {
        this.#losesNextWrite = false;
        return void response.socket?.destroy();
      }
      send(response, 200, answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(response, asked, { refusal: error });
    }
  }

  #authenticate({ headers }: IncomingMessage): void {
    const [, token] = /^Bearer (\S+)$/.exec(headers.authorization ?? "") ?? [];
    if (token === undefined)
      throw new Refused(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");
    if (!this.tokens.accepts(token))
      throw new Refused(
        401,
        "Unauthorized",
        "AKV10046: Unable to resolve the key used for signature validation.",
      );
  }

  /** Azure asks this before it looks for the secret. */
  #authorize({ action, secret }: Asked): void {
    const denied = this.#denied.some((one) => one.action === action && (one.secret ?? secret) === secret);
    if (!denied) return;
    const caller = "appid=00000000-0000-0000-0000-000000000001;oid=00000000-0000-0000-0000-000000000002";
    if (this.model === "access-policies")
      throw new Refused(
        403,
        "Forbidden",
        `The user, group or application '${caller}' does not have secrets ${POLICY_PERMISSIONS[action]} permission on key vault 'fake;location=westeurope'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
        "AccessDenied",
      );
    throw new Refused(
      403,
      "Forbidden",
      `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: ${caller}\r\nAction: '${ACTIONS[action]}'\r\nResource: '/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/fake/secrets/${secret}'\r\nAssignment: (not found)\r\n`,
      "ForbiddenByRbac",
    );
  }

  #do({ action, secret, version }: Asked, text: string, url: URL): unknown {
    if (action === "get") return this.#bundle(secret, this.secrets.get(secret, version), true);
    if (action === "set") return this.#bundle(secret, this.secrets.set(secret, parseBody(text)), true);
    if (action === "update")
      return this.#bundle(secret, this.secrets.update(secret, version ?? "", parseBody(text)), false);
    return this.#page(secret, url);
  }

  /** Azure promises no order of versions: here it is that of their ids. */
  #page(secret: string, url: URL): unknown {
    const size = Number(url.searchParams.get("maxresults") ?? 25);
    if (!(size >= 1 && size <= 25)) throw new Refused(400, "BadParameter", "maxresults is out of range");
    const from = Number(url.searchParams.get("$skiptoken") ?? 0);
    const versions = this.secrets.versions(secret).toSorted((one, other) => one.id.localeCompare(other.id));
    url.searchParams.set("$skiptoken", String(from + size));
    return {
      value: versions.slice(from, from + size).map((version) => this.#bundle(secret, version, false)),
      nextLink: from + size < versions.length ? url.href : null,
    };
  }

  #bundle(secret: string, version: FakeVersion, withValue: boolean) {
    const { id, value, contentType, tags, enabled, nbf, exp, created, updated } = version;
    return {
      ...(withValue && { value }),
      contentType,
      id: `${this.url}/secrets/${secret}/${id}`,
      attributes: { enabled, nbf, exp, created, updated, recoveryLevel: "Recoverable", recoverableDays: 90 },
      tags,
    };
  }

  #refuse(response: ServerResponse, asked: Asked | null, { refusal, headers = {} }: Fault): void {
    const { status, code, message, inner } = refusal;
    // The client's first request carries no token; it is part of signing in.
    if (asked && status !== 401) this.calls.push({ action: asked.action, secret: asked.secret, status });
    const challenge = `Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-0000000000aa", resource="https://vault.azure.net"`;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (status === 401) response.setHeader("WWW-Authenticate", challenge);
    send(response, status, {
      error: { code, message, ...(inner !== null && { innererror: { code: inner } }) },
    });
  }
}

const METHODS: Readonly<Record<string, Action>> = { GET: "get", PUT: "set", PATCH: "update" };

function parseUrl({ url = "", method = "" }: IncomingMessage, base: string): Asked | null {
  const { pathname, searchParams } = new URL(url, base);
  const [, secret, version = ""] = /^\/secrets\/([0-9a-zA-Z-]{1,127})\/?(\w*)$/.exec(pathname) ?? [];
  const action = version === "versions" ? "list" : METHODS[method];
  if (secret === undefined || action === undefined || !searchParams.has("api-version")) return null;
  if ((action === "set") !== (version === "") && action !== "get") return null;
  return { action, secret, version: version === "" ? null : version };
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, "BadParameter", "Request body not specified, or not valid JSON");
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("x-ms-request-id", randomUUID());
  response.end(JSON.stringify(body));
}
