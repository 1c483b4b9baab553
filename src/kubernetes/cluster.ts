/**
 * The way to one cluster: its address, its certificate authority and who this process is there, by the official
 * client. The client keeps credentials for a while; whoever is told that they have expired loads the cluster anew.
 */
import { accessSync } from "node:fs";
import {
  type ApiConstructor,
  type ApiType,
  createConfiguration,
  KubeConfig,
  type RequestContext,
  ServerConfiguration,
} from "@kubernetes/client-node";
import { withoutRedirects } from "./http.ts";

export type Access = {
  /** Absolute; null: the pod's service account, else $KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig: string | null;
  /** null: the current one. */
  readonly context: string | null;
};

/** No credentials could be got, so nothing was sent. What their source said is not repeated: it may be a token. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
}

/** The files that say how to reach the cluster cannot be used. `problem` and `remedy` are halves of one sentence. */
export class UnusableClusterError extends Error {
  override readonly name = "UnusableClusterError";
  readonly problem: string;
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(`${problem}: ${remedy}`);
    this.problem = problem;
    this.remedy = remedy;
  }
}

export type Cluster = {
  /** Where its API server is, such as `https://10.0.0.1:6443`. */
  readonly server: string;
  /** Of the pod or the context. */
  readonly namespace: string;
  /** Where the credentials come from, such as `the context prod`. */
  readonly identity: string;
  /** One call. Throws what the client throws, CredentialsError, or the signal's reason. */
  call<Api extends ApiType, Answer>(
    kind: ApiConstructor<Api>,
    action: (api: Api) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer>;
};

const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * Reads the files that say how to reach the cluster. Throws UnusableClusterError.
 *
 * @param root stands before the paths of the pod's service account
 */
export function loadCluster({ kubeconfig, context }: Access, root = ""): Cluster {
  const inPod = kubeconfig === null && context === null && isReadable(root + TOKEN);
  const config = new KubeConfig();
  try {
    if (kubeconfig !== null) config.loadFromFile(kubeconfig);
    else if (inPod) config.loadFromCluster(root);
    else config.loadFromDefault();
  } catch {
    throw unusable(kubeconfig);
  }
  if (context !== null) config.setCurrentContext(context);
  const [current, cluster] = [
    config.getContextObject(config.getCurrentContext()),
    config.getCurrentCluster(),
  ];
  // What the client falls back to where it finds nothing.
  if (!inPod && current?.name === "loaded-context") throw nothingFound();
  if (!current || !cluster || !config.getCurrentUser()) throw noContext(config);
  const server = originOf(cluster.server);
  if (!server.startsWith("https://"))
    throw new UnusableClusterError(
      `is on a cluster whose server is no https address (${server})`,
      "secrets go over TLS only; correct server in the kubeconfig",
    );
  return {
    server,
    namespace: current.namespace?.trim() || "default",
    identity: inPod ? "the pod's service account" : `the context ${current.name}`,
    call: (kind, action, signal) => call(config, cluster.server, { kind, action }, signal),
  };
}

async function call<Api extends ApiType, Answer>(
  config: KubeConfig,
  server: string,
  { kind, action }: { kind: ApiConstructor<Api>; action: (api: Api) => Promise<Answer> },
  signal: AbortSignal,
): Promise<Answer> {
  const opened: ReturnType<RequestContext["getDispatcher"]>[] = [];
  const credentials = {
    getName: () => "kubeconfig",
    async applySecurityAuthentication(request: RequestContext) {
      request.setSignal(signal);
      await config.applySecurityAuthentication(request).catch(() => {
        throw new CredentialsError("no credentials");
      });
      opened.push(request.getDispatcher());
    },
  };
  const api = new kind(
    createConfiguration({
      baseServer: new ServerConfiguration(server, {}),
      httpApi: withoutRedirects,
      authMethods: { default: credentials },
    }),
  );
  try {
    // A credential plugin knows no signal.
    return await Promise.race([action(api), aborted(signal)]);
  } finally {
    // The client opens connections of its own for every call, and would leave them open.
    for (const dispatcher of opened) void dispatcher?.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Without what else an address may contain. */
function originOf(server: string): string {
  return URL.canParse(server) ? new URL(server).origin : "none at all";
}

function unusable(kubeconfig: string | null): UnusableClusterError {
  return new UnusableClusterError(
    `cannot be reached, because ${kubeconfig ?? "the kubeconfig of this user"} cannot be read as a kubeconfig`,
    `try: kubectl ${kubeconfig === null ? "" : `--kubeconfig ${kubeconfig} `}config view`,
  );
}

function nothingFound(): UnusableClusterError {
  return new UnusableClusterError(
    "cannot be reached, because there is neither a service account of a pod nor a kubeconfig",
    "run in a pod with automountServiceAccountToken, or configure kubeconfig",
  );
}

function noContext(config: KubeConfig): UnusableClusterError {
  const known = config.getContexts().map(({ name }) => name);
  return new UnusableClusterError(
    `cannot be reached, because the context ${config.getCurrentContext() || "(none is current)"} is not complete in the kubeconfig`,
    `configure context as one of: ${known.join(", ") || "(the kubeconfig has none)"}; it needs a cluster and a user`,
  );
}
