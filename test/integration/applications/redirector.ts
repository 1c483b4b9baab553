/** Somebody who answers in Paddle's place, and sends callers on to another origin. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Redirector = AsyncDisposable & {
  readonly url: string;
  /** The `Authorization` of each request that arrived where it was sent on to. */
  readonly followed: readonly (string | undefined)[];
};

export async function startRedirector(): Promise<Redirector> {
  const followed: (string | undefined)[] = [];
  const target = await listen((authorization) => {
    followed.push(authorization);
    return { status: 200 };
  });
  const server = await listen(() => ({ status: 302, location: target.url }));
  return {
    url: server.url,
    followed,
    async [Symbol.asyncDispose]() {
      await Promise.all([server.close(), target.close()]);
    },
  };
}

async function listen(answer: (authorization: string | undefined) => { status: number; location?: string }) {
  const server = createServer(({ headers }, response) => {
    const { status, location } = answer(headers.authorization);
    response.writeHead(status, location === undefined ? {} : { location }).end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
