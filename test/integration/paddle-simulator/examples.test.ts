/** The simulator answers and tells what Paddle's published examples show, over real HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { movableClock } from "../../support/paddle-simulator/clock.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../../support/paddle-simulator/start.ts";
import { EXPIRY, LIST, ROOT, ROTATION, ROTATION_AND_EXPOSURE, shape } from "./examples.ts";
import { ask } from "./http-client.ts";
import { startReceiver } from "./receiver.ts";

const CREATED = Date.parse("2026-09-02T00:00:00Z");
const EXPIRES = Date.parse("2026-12-01T00:00:00Z");

let paddle: PaddleSimulator;
const moveTo = (time: string) => paddle.clock.advance(Date.parse(time) - paddle.clock.now());

beforeEach(async () => {
  const clock = movableClock({ base: { now: () => CREATED } });
  paddle = await startPaddleSimulator({ clock, environment: "live" });
});
afterEach(() => paddle.close());

function createKey(permissions = ["api_key.read", "transaction.read"]) {
  return paddle.createKey({ name: "Billing worker", permissions, expiresAt: EXPIRES });
}

describe("the API", () => {
  it("lists keys as in the example", async () => {
    const { secret } = createKey();
    moveTo("2026-11-20T22:14:05.120Z");
    const { status, headers, json } = await ask(paddle, "GET /api-keys", { secret });
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json");
    expect(shape(json)).toEqual(shape(LIST));
  });

  it("gets one key as in the list", async () => {
    const { id, secret } = createKey();
    moveTo("2026-11-20T22:14:05.120Z");
    const { json } = await ask(paddle, `GET /api-keys/${id}`, { secret });
    const { request_id } = LIST.meta;
    expect(shape(json)).toEqual(shape({ data: LIST.data[0], meta: { request_id } }));
  });

  it("creates a rotation as in the example, and gets it again", async () => {
    const { id, secret } = createKey();
    moveTo("2026-11-21T01:00:00Z");
    const body = { grace_period_seconds: 3600 };
    const created = await ask(paddle, `POST /api-keys/${id}/rotations`, { secret, body });
    expect(created.status).toBe(201);
    expect(shape(created.json)).toEqual(shape(ROTATION));
    const got = await ask(paddle, `GET /api-keys/${id}/rotations/${String(created.one["id"])}`, { secret });
    expect(got.status).toBe(200);
    expect(got.one).toEqual(created.one);
    const listed = await ask(paddle, `GET /api-keys/${id}/rotations`, { secret });
    expect(listed.many).toEqual([created.one]);
    expect(listed.pagination).toMatchObject({ per_page: 50, has_more: false, estimated_total: 1 });
  });

  it("describes itself and its caller as in the example", async () => {
    const { secret } = createKey();
    const { json, one } = await ask(paddle, "GET /", { secret });
    // The shape of `account` is not documented.
    expect(one["caller"]).toMatchObject({ account: expect.anything() });
    expect(shape(json)).toMatchObject({
      data: { ...ROOT.data, caller: { ...ROOT.data.caller, account: expect.anything() } },
      meta: { request_id: "<uuid>" },
    });
  });

  it("describes itself to a caller without credentials", async () => {
    const { status, one } = await ask(paddle, "GET /");
    expect(status).toBe(200);
    expect(one["caller"]).toEqual({ auth_type: null, account: null, permissions: [] });
  });

  it("calls its other environment sandbox", async () => {
    await using sandbox = await startPaddleSimulator({ environment: "sandbox" });
    const { one } = await ask(sandbox, "GET /");
    expect(one["api"]).toMatchObject({ environment: "sandbox" });
  });

  it("names the addresses that webhooks come from", async () => {
    const { one } = await ask(paddle, "GET /ips");
    expect(one["ipv4_cidrs"]).toHaveLength(6);
    expect(one["ipv4_cidrs"]).toContain("34.237.3.244/32");
  });

  it("names the event types", async () => {
    const { secret } = createKey([]);
    const { many } = await ask(paddle, "GET /event-types", { secret });
    expect(many).toContainEqual({
      name: "api_key.expiring",
      description: expect.any(String),
      group: "API key",
      available_versions: [1],
    });
  });
});

/** What `GET /events` tells, oldest first, without the first `skipped`. */
async function told(reader: string, skipped: number): Promise<unknown[]> {
  const { many } = await ask(paddle, "GET /events?order_by=id[ASC]", { secret: reader });
  return many
    .slice(skipped)
    .map(({ event_type, occurred_at, data }) => shape({ event_type, occurred_at, data }));
}

describe("webhooks and the list of events", () => {
  it("tell the end of a key that expires as in the examples", async () => {
    await using receiver = await startReceiver();
    paddle.addDestination({ url: receiver.url });
    const { secret } = createKey(["transaction.read"]);
    moveTo("2026-11-23T23:02:11Z");
    await ask(paddle, "GET /", { secret });
    moveTo("2026-11-30T22:00:00Z");
    await ask(paddle, "GET /", { secret });
    moveTo("2026-12-01T00:00:00Z");
    await paddle.settled();
    const received = receiver.received.map(({ event: { event_type, occurred_at, data } }) =>
      shape({ event_type, occurred_at, data }),
    );
    expect(received).toEqual(EXPIRY.map(shape));
    const { secret: reader } = paddle.createKey({ permissions: ["notification.read"] });
    expect((await told(reader, 0)).slice(0, 3)).toEqual(EXPIRY.map(shape));
  });

  it("tell a rotation and an exposure as in the examples", async () => {
    const { id, secret } = createKey(["transaction.read"]);
    const { secret: reader } = paddle.createKey({ permissions: ["notification.read"], expiresAt: null });
    moveTo("2026-11-21T01:00:00Z");
    const body = { grace_period_seconds: 3600, new_key_expires_at: "2027-02-19T00:00:00Z" };
    const { one } = await ask(paddle, `POST /api-keys/${id}/rotations`, { secret, body });
    moveTo("2026-11-21T01:00:09Z");
    await ask(paddle, "GET /", { secret: String(one["new_key"]) });
    moveTo("2026-11-21T02:00:00Z");
    paddle.expose(id);
    expect(await told(reader, 2)).toEqual(ROTATION_AND_EXPOSURE.map(shape));
  });

  it("have an envelope with an event id, and a notification id of each destination", async () => {
    await using one = await startReceiver();
    await using other = await startReceiver();
    paddle.addDestination({ url: one.url });
    paddle.addDestination({ url: other.url });
    createKey();
    await paddle.settled();
    const [first, second] = [one.received[0]?.event, other.received[0]?.event];
    expect(Object.keys(first ?? {}).toSorted()).toEqual([
      "data",
      "event_id",
      "event_type",
      "notification_id",
      "occurred_at",
    ]);
    expect(first?.event_id).toMatch(/^evt_[a-z\d]{26}$/);
    expect(first?.event_id).toBe(second?.event_id);
    expect(first?.notification_id).toMatch(/^ntf_[a-z\d]{26}$/);
    expect([first?.notification_id, second?.notification_id]).toEqual(paddle.deliveries.map(({ id }) => id));
    expect(first?.notification_id).not.toBe(second?.notification_id);
  });
});
