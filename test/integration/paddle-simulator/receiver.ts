/** Receives webhooks over real HTTP and answers as a test says. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

const Event = z.looseObject({ event_id: z.string(), event_type: z.string(), notification_id: z.string() });

export type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: z.output<typeof Event>;
};

export type Receiver = {
  readonly url: string;
  /** In the order of arrival. */
  readonly received: readonly Received[];
  /** Types of the events received, in the order of arrival. */
  types(): readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
};

type Answer = number | ((response: ServerResponse) => void);

/** @param answers one for each webhook; the last one for all that follow. 200 if there are none. */
export async function startReceiver(...answers: readonly Answer[]): Promise<Receiver> {
  const received: Received[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const answer = answers[Math.min(received.length, answers.length - 1)] ?? 200;
    received.push({ headers: request.headers, body, event: Event.parse(JSON.parse(body)) });
    if (typeof answer === "number") response.writeHead(answer).end(`answer ${answer}`);
    else answer(response);
  };
  const server = createServer((request, response) => void receive(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}/webhooks`,
    received,
    types: () => received.map(({ event }) => event.event_type),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The `Paddle-Signature` header. */
export function signatureOf({ headers }: Received): string {
  return String(headers["paddle-signature"]);
}
