/** Secrets are planted wherever Paddle, or whoever answers in its place, could put one: none may come out. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import {
  KEY_ID,
  keyEntity,
  one,
  openClient,
  type OpenClient,
  page,
  ROTATION_ID,
  rotationEntity,
} from "./paddle-samples.ts";
import { type Answer, inTurn, json, startWireServer } from "./wire-server.ts";

const SENT = ["Canary00Sent00Random00", "0c0a0n0a0r0y0s0e0n0t00000000000000000000000000sent"] as const;
const RECEIVED = ["Canary0Received0Random", "1c1a1n1a1r1y1r1e1c1e1i1v1e1d1111111111111111111111"] as const;

const current = (random: string) => `pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_${random}_k9Q`;

/** What no output may contain: the random parts of keys, and legacy keys whole. */
const CANARIES = [...SENT, ...RECEIVED];

/** Every text that an error can carry, however it is printed. */
function printed(error: unknown): string {
  const chain: unknown[] = [];
  for (let link = error; link instanceof Error; link = link.cause)
    chain.push(link.message, link.stack, String(link));
  return [
    ...chain,
    JSON.stringify(error),
    inspect(error, { depth: null, showHidden: true, getters: true }),
    inspect(structuredClone(error), { depth: null, showHidden: true }),
  ].join("\n");
}

/** The same entity with the planted text in every field that holds a text, and as the name of another one. */
function planted(entity: object, canary: string): object {
  const texts = Object.entries(entity).map(([name, value]) => [
    name,
    typeof value === "string" ? canary : value,
  ]);
  return { ...Object.fromEntries(texts), [canary]: canary };
}

function problem(canary: string, code: string): object {
  return {
    error: {
      type: canary,
      code,
      detail: `The key "${canary}" (Bearer ${canary}) is bad; see https://x/?key=${canary}`,
      documentation_url: canary,
      errors: [{ field: canary, message: canary }],
      [canary]: canary,
    },
    meta: { request_id: canary, [canary]: canary },
  };
}

/** Each answers with the canary in all places that this kind of answer has. */
const ANSWERS: readonly (readonly [string, (canary: string) => Answer])[] = [
  [
    "entities made of it",
    (canary) => json({ data: planted(rotationEntity, canary), meta: { request_id: canary } }),
  ],
  [
    "a rotation that lacks its id",
    (canary) => json(one({ ...rotationEntity, new_key: canary, id: undefined }), 201),
  ],
  ["a key whose expiry it is", (canary) => json(one({ ...keyEntity, expires_at: canary }))],
  [
    "a list of it",
    (canary) => json({ data: [planted(keyEntity, canary)], meta: planted({ pagination: "x" }, canary) }),
  ],
  ["a list that does not end", (canary) => json(page([{ ...rotationEntity, id: canary }], true, canary))],
  ["a body that is only it", (canary) => (response) => response.end(canary)],
  ["JSON that is only it", (canary) => json(canary)],
  ["JSON that breaks off after it", (canary) => (response) => response.end(`{"data":{"new_key":"${canary}`)],
  ...[400, 403, 404, 422, 429, 500, 503].flatMap((status) => [
    [`${status} with it for a code`, (canary: string) => json(problem(canary, canary), status)] as const,
    [
      `${status} with it around a code`,
      (canary: string) => json(problem(canary, "bad_request"), status),
    ] as const,
  ]),
  [
    "a redirect to it",
    (canary) => (response) => response.writeHead(302, { location: `https://x/${canary}` }).end(canary),
  ],
  [
    "headers made of it",
    (canary) => json(problem(canary, "bad_request"), 429, { "retry-after": canary, [canary]: canary }),
  ],
  [
    "a status line made of it",
    (canary) => (response) => response.socket?.end(`HTTP/1.1 2x0 ${canary}\r\n\r\n${canary}`),
  ],
  ["no HTTP but it", (canary) => (response) => response.socket?.end(`${canary}\r\n${canary}`)],
  [
    "headers that break off after it",
    (canary) => (response) => response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${canary}`),
  ],
  [
    "chunks that are none",
    (canary) => (response) =>
      response.socket?.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${canary}`),
  ],
  [
    "a reset in the middle of it",
    (canary) => (response) =>
      response
        .writeHead(200, { "content-length": "999" })
        .write(canary, () => response.socket?.resetAndDestroy()),
  ],
];

const CALLS: readonly (readonly [string, ({ paddle }: OpenClient, secret: Secret) => Promise<unknown>])[] = [
  ["ask", ({ paddle }, secret) => paddle.ask(KEY_ID, secret)],
  ["createRotation", ({ paddle }, secret) => paddle.createRotation(KEY_ID, secret, { graceSeconds: 0 })],
  ["getRotation", ({ paddle }, secret) => paddle.getRotation(KEY_ID, ROTATION_ID, secret)],
  ["listRotations", ({ paddle }, secret) => paddle.listRotations(KEY_ID, secret)],
  ["listKeys", ({ paddle }, secret) => paddle.listKeys(secret)],
  ["readKey", ({ paddle }, secret) => paddle.readKey(KEY_ID, secret)],
  ["listEvents", ({ paddle }, secret) => paddle.listEvents(secret, { after: null, types: [] })],
  ["listDestinations", ({ paddle }, secret) => paddle.listDestinations(secret)],
  [
    "a call with the secret for an id",
    ({ paddle }, secret) => paddle.getRotation(secret.reveal(), secret.reveal(), secret),
  ],
];

describe.each(CALLS)("%s", (_call, call) => {
  it.each(ANSWERS)("lets no secret out when it is answered with %s", async (_answer, answerWith) => {
    for (const sent of [current(SENT[0]), SENT[1]])
      for (const echoed of [sent, current(RECEIVED[0]), RECEIVED[1]]) {
        await using server = await startWireServer(inTurn(answerWith(echoed)));
        await using client = openClient(server.url);
        const outcome = await call(client, new Secret(sent)).then(
          () => null,
          (error: unknown) => error,
        );
        client.captured.log.error({ err: outcome }, "as a caller would log it");
        const output = `${outcome ? printed(outcome) : ""}\n${client.captured.text()}`;
        expect(server.seen.length).toBeGreaterThan(0);
        for (const canary of CANARIES) expect(output).not.toContain(canary);
      }
  });
});

describe("an issued secret", () => {
  it.each([current(RECEIVED[0]), RECEIVED[1]])("stays in its box", async (secret) => {
    await using server = await startWireServer(json(one({ ...rotationEntity, new_key: secret }), 201));
    await using client = openClient(server.url);
    const issued = await client.paddle.createRotation(KEY_ID, new Secret(current(SENT[0])), {
      graceSeconds: 0,
    });
    expect(issued.newSecret.reveal()).toBe(secret);
    const output =
      JSON.stringify(issued) + inspect(issued, { depth: null, showHidden: true }) + client.captured.text();
    for (const canary of CANARIES) expect(output).not.toContain(canary);
  });
});
