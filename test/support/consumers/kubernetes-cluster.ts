/**
 * An API server over HTTPS for workloads and their pods: bearer tokens, RBAC by verb, resource and name, lists by label
 * and page, and merge patches. Strict: what it does not know it refuses. It counts and can misbehave.
 * - https://kubernetes.io/docs/reference/using-api/api-concepts/ (chunked lists, patches)
 * - https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import { badRequest, StatusError, tooManyRequests, unauthorized } from "../stores/kubernetes-status.ts";
import { selfSignedCertificate } from "../stores/self-signed-certificate.ts";
import { FakeWorkload, type Resource } from "./kubernetes-workload.ts";

export const NAMESPACE = "shop";
const USER = "system:serviceaccount:rotator:paddle-key-rotator";
const RESOURCES: readonly string[] = ["deployments", "statefulsets", "daemonsets"];
const QUERY = {
  get: ["pretty"],
  list: ["labelSelector", "limit", "continue"],
  patch: ["fieldManager", "fieldValidation"],
};

type Verb = keyof typeof QUERY;
type Asked = { readonly verb: Verb; readonly resource: string; readonly name: string };

export class FakeCluster implements AsyncDisposable {
  readonly workloads: FakeWorkload[] = [];
  token: string = randomUUID();
  /** `verb resource`, for every name, or `verb resource/name`. */
  readonly allowed = new Set(["list pods"]);
  /** `verb resource/name`, as they were answered. */
  readonly log: string[] = [];
  /** Runs after a request was carried out. */
  afterRequest: (request: string) => void = () => {};
  silent = false;
  throttles = 0;
  losesNextPatch = false;
  /** In place of every answer of its own. */
  always: { status: number; headers: Record<string, string>; body: string } | null = null;
  readonly certificate = selfSignedCertificate();
  readonly #server = createServer(this.certificate, (request, response) => {
    void this.#serve(request, response);
  });

  static async open(): Promise<FakeCluster> {
    const cluster = new FakeCluster();
    cluster.#server.listen(0, "127.0.0.1");
    await once(cluster.#server, "listening");
    return cluster;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    return `https://127.0.0.1:${address.port}`;
  }

  /** A workload that may be read and patched by its name. */
  add(
    resource: Resource,
    name: string,
    replicas = 2,
    labels: Record<string, string> = { app: "billing" },
  ): FakeWorkload {
    const workload = new FakeWorkload(resource, NAMESPACE, name, labels, replicas);
    this.workloads.push(workload);
    for (const verb of ["get", "patch"]) this.allowed.add(`${verb} ${resource}/${name}`);
    return workload;
  }

  remove(workload: FakeWorkload): void {
    this.workloads.splice(this.workloads.indexOf(workload), 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((closed) => this.#server.close(closed));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => "");
    if (this.silent) return;
    if (this.always) {
      response.writeHead(this.always.status, this.always.headers).end(this.always.body);
      return;
    }
    try {
      const { asked, answer } = this.#answer(request, body);
      const line = `${asked.verb} ${asked.resource}${asked.name && `/${asked.name}`}`;
      this.log.push(line);
      this.afterRequest(line);
      if (this.losesNextPatch && asked.verb === "patch") {
        this.losesNextPatch = false;
        request.socket.destroy();
        return;
      }
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    } catch (error) {
      const { code, body: status } =
        error instanceof StatusError ? error : new StatusError(500, "InternalError", String(error));
      const headers = { "content-type": "application/json", "audit-id": randomUUID() };
      response.writeHead(code, { ...headers, ...(code === 429 && { "retry-after": "1" }) });
      response.end(JSON.stringify(status));
    }
  }

  #answer(request: IncomingMessage, body: string): { asked: Asked; answer: object } {
    if (request.headers.authorization !== `Bearer ${this.token}`) throw unauthorized();
    if (this.throttles > 0) {
      this.throttles -= 1;
      throw tooManyRequests();
    }
    const url = new URL(request.url ?? "/", this.url);
    const [, group, namespace, resource = "", name = ""] =
      /^\/(api\/v1|apis\/apps\/v1)\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const known = group === "api/v1" ? ["pods"] : RESOURCES;
    if (namespace === undefined || !known.includes(resource))
      throw new StatusError(404, "NotFound", "the server could not find the requested resource");
    const asked: Asked = { verb: verbOf(request, name), resource, name };
    this.#authorize(asked, namespace);
    for (const parameter of url.searchParams.keys())
      if (!QUERY[asked.verb].includes(parameter)) throw badRequest(`unknown query parameter ${parameter}`);
    return { asked, answer: this.#perform(asked, namespace, { request, url, body }) };
  }

  #authorize({ verb, resource, name }: Asked, namespace: string): void {
    if (this.allowed.has(`${verb} ${resource}`) || this.allowed.has(`${verb} ${resource}/${name}`)) return;
    const group = resource === "pods" ? "" : "apps";
    const what = name && ` "${name}"`;
    const message = `${resource}.${group}${what} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
    throw new StatusError(403, "Forbidden", message);
  }

  #perform(
    { verb, resource, name }: Asked,
    namespace: string,
    { request, url, body }: { request: IncomingMessage; url: URL; body: string },
  ): object {
    const here = namespace === NAMESPACE ? this.workloads : [];
    if (verb === "list") {
      const all =
        resource === "pods"
          ? here.flatMap(({ podObjects }) => podObjects)
          : here.filter((workload) => workload.resource === resource).map(({ object }) => object);
      return listed(all, url.searchParams);
    }
    const workload = here.find((one) => one.resource === resource && one.name === name);
    if (!workload) throw new StatusError(404, "NotFound", `${resource}.apps "${name}" not found`);
    if (verb === "patch") {
      if (request.headers["content-type"] !== "application/merge-patch+json")
        throw new StatusError(
          415,
          "UnsupportedMediaType",
          "the body of the request was in an unknown format",
        );
      workload.patch(JSON.parse(body));
    }
    return workload.object;
  }
}

function verbOf({ method }: IncomingMessage, name: string): Verb {
  if (method === "GET") return name === "" ? "list" : "get";
  if (method === "PATCH" && name !== "") return "patch";
  throw new StatusError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
  );
}

function listed(all: readonly object[], query: URLSearchParams): object {
  const labels = query.get("labelSelector") ?? "";
  const matching = all.filter((item) => matches(item, labels));
  const [start, limit] = [Number(query.get("continue") ?? 0), Number(query.get("limit") ?? Infinity)];
  const isMore = start + limit < matching.length;
  const metadata = { resourceVersion: "1", ...(isMore && { continue: String(start + limit) }) };
  return { kind: "List", apiVersion: "v1", metadata, items: matching.slice(start, start + limit) };
}

/** Requirements of equality and sets, as the API reference has them. */
function matches(item: object, selector: string): boolean {
  const { labels } = (item as { metadata: { labels: Record<string, string> } }).metadata;
  const requirements = selector.split(/,(?![^(]*\))/);
  return requirements.every((requirement) => {
    const set = /^(\S+) (in|notin) \(([^)]*)\)$/.exec(requirement);
    if (set) return (set[3] ?? "").split(",").includes(labels[set[1] ?? ""] ?? "") === (set[2] === "in");
    const equal = /^([^=!]+)=([^=]*)$/.exec(requirement);
    if (equal) return labels[equal[1] ?? ""] === equal[2];
    const exists = /^(!?)([\w./-]+)$/.exec(requirement);
    if (exists) return (labels[exists[2] ?? ""] !== undefined) === (exists[1] === "");
    throw badRequest(`unable to parse requirement: ${requirement}`);
  });
}
