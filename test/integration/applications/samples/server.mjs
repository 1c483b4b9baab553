/** An application that passes /call/… on to Paddle. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { paddle } from "../../../../docs/applications/node/client.mjs";
import { paddleKey } from "../../../../docs/applications/node/endpoint.mjs";

if (process.env.ROTATOR_URL) await import("../../../../docs/applications/node/attest.mjs");

async function serve(request, response) {
  const [, path] = request.url.split("/call");
  if (path === undefined) return response.writeHead(404).end();
  const body = (await text(request)) || null;
  const answer = await paddle(path, { method: request.method, body });
  response.writeHead(answer.status).end(await answer.text());
}

async function respond(request, response, trouble) {
  try {
    if (trouble) throw trouble;
    await serve(request, response);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}

createServer((request, response) => {
  void paddleKey(request, response, (trouble) => void respond(request, response, trouble));
}).listen(process.env.PORT, "127.0.0.1");
