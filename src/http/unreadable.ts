/** What cannot be read as a request never reaches a route: too slow, too many headers, or not HTTP at all. */
import type { ConnectionError } from "fastify";
import type { Socket } from "node:net";
import { problem, PROBLEM_CONTENT_TYPE, statusTitle } from "./problem.ts";

const STATUS_OF = new Map([
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
  ["HPE_HEADER_OVERFLOW", 431],
]);

/** A `clientErrorHandler`: answers in our own words, then closes the connection. */
export function refuseUnreadable(error: ConnectionError, socket: Socket): void {
  if (socket.writable) {
    const status = STATUS_OF.get(error.code) ?? 400;
    const title = statusTitle(status);
    const body = JSON.stringify(problem(status, title));
    socket.write(
      `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}
