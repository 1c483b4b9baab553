/** Begins to listen, and says which setting is in the way where that cannot be. */
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { RotatorError } from "../core/errors.ts";

export type ListenAt = {
  readonly listener: "public" | "admin";
  readonly host: string;
  readonly port: number;
  /** null: plain HTTP. */
  readonly tls: object | null;
};

/** Nobody listens. The message names the variable and the remedy. */
export class ListenError extends RotatorError {
  override readonly name = "ListenError";
}

const VARIABLES = {
  public: { host: "HOST", port: "PORT" },
  admin: { host: "ADMIN_HOST", port: "ADMIN_PORT" },
} as const;

/** Resolves with the address, as people type it. @throws ListenError */
export async function listen(app: FastifyInstance, at: ListenAt): Promise<string> {
  try {
    await app.listen({ host: at.host, port: at.port });
  } catch (error) {
    const fault = faultOf(error, at);
    if (fault === null) throw error;
    throw new ListenError(fault, { effect: "none", retry: "later", cause: error });
  }
  const { address, family, port } = app.server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return `${at.tls ? "https" : "http"}://${host}:${port}`;
}

/** By the codes of bind(2). null: none of ours to explain. */
function faultOf(error: unknown, { listener, host, port }: ListenAt): string | null {
  const variables = VARIABLES[listener];
  switch (error instanceof Error && "code" in error ? error.code : null) {
    case "EADDRINUSE":
      return `another process listens at ${host}:${port} (EADDRINUSE): end it, or set another ${variables.port}`;
    case "EACCES":
      return `this user may not listen at ${host}:${port} (EACCES): set ${variables.port} to 1024 or more`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is no address of this machine: correct ${variables.host}`;
    default:
      return null;
  }
}
