/** HTTP byte by byte, for what no client library would send. */
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";

export type RawConnection = {
  readonly write: (bytes: string | Uint8Array) => void;
  /** Sends no more. */
  readonly end: () => void;
  /** Everything that came from the server, once it has closed the connection. */
  readonly received: Promise<string>;
};

/** @param url of the server, e.g. `http://127.0.0.1:8080` */
export function openRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  return {
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    received: text(socket),
  };
}

/** Sends one request and returns the answer's text; the server is expected to close the connection. */
export function sendRaw(url: string, bytes: string | Uint8Array): Promise<string> {
  const connection = openRaw(url);
  connection.write(bytes);
  return connection.received;
}
