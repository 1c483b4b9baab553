/** How requests of the official client are sent: as the client itself does, except that no redirect is followed. */
import { type HttpLibrary, Observable, ResponseContext } from "@kubernetes/client-node";
import { fetch } from "undici";

/** An API server redirects nobody; whoever else does would be sent what is meant for it. */
export const withoutRedirects: HttpLibrary = {
  send: (request) => new Observable(send(request)),
};

async function send(request: Parameters<HttpLibrary["send"]>[0]): Promise<ResponseContext> {
  const [body, signal, dispatcher] = [request.getBody(), request.getSignal(), request.getDispatcher()];
  const response = await fetch(request.getUrl(), {
    method: request.getHttpMethod(),
    headers: request.getHeaders(),
    redirect: "manual",
    ...(typeof body === "string" && { body }),
    ...(signal && { signal }),
    ...(dispatcher && { dispatcher }),
  });
  return new ResponseContext(response.status, Object.fromEntries(response.headers), {
    text: () => response.text(),
    binary: async () => Buffer.from(await response.arrayBuffer()),
    stream: () => response.body,
  });
}
