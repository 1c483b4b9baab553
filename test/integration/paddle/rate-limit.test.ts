/** The limits that all calls of a process share. */
import { describe, expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { ask, askUrgently, keyAnswer, openClient, problem } from "./paddle-samples.ts";
import { type Answer, arrived, inTurn, json, startWireServer } from "./wire-server.ts";

const tooMany = (retryAfter: string) =>
  json(problem("too_many_requests"), 429, { "retry-after": retryAfter });

describe("the rate limit", () => {
  it("holds back every other call until Retry-After is over", async () => {
    await using server = await startWireServer(inTurn(tooMany("30"), keyAnswer));
    await using client = openClient(server.url);
    await expect(ask(client)).rejects.toMatchObject({
      code: "too_many_requests",
      status: 429,
      effect: "none",
      retry: "later",
    });
    const others = [ask(client), client.paddle.probe("live"), ask(client)];
    await client.clock.advance(29_999);
    expect(server.seen).toHaveLength(1);
    await client.clock.advance(1);
    await Promise.all(others);
    expect(server.seen).toHaveLength(4);
    expect(client.captured.lines).toContainEqual(expect.objectContaining({ level: 40, silenceMs: 30_000 }));
  });

  it("holds back a call that had leave already and waited for a connection", async () => {
    const held: (() => unknown)[] = [];
    const hold =
      (answer: Answer): Answer =>
      (response, seen) =>
        held.push(() => answer(response, seen));
    const rest = Array.from({ length: 7 }, () => hold(keyAnswer));
    await using server = await startWireServer(inTurn(hold(tooMany("30")), ...rest, keyAnswer));
    await using client = openClient(server.url);
    const first = Array.from({ length: 8 }, () => ask(client));
    const ends = Promise.allSettled(first);
    await arrived(server, 8);
    const ninth = ask(client);
    await client.clock.untilSleeping(9);
    for (const answer of held) answer();
    expect((await ends).filter(({ status }) => status === "rejected")).toHaveLength(1);
    await until(
      "the ninth waits for leave again",
      () => client.clock.nextWakeAt === client.clock.now() + 30_000,
    );
    expect(server.seen).toHaveLength(8);
    await client.clock.advance(30_000);
    expect(await ninth).toMatchObject({ accepted: true });
    expect(server.seen).toHaveLength(9);
  });

  it("tells a call at once, and sends nothing, if the silence is longer than it would wait", async () => {
    await using server = await startWireServer(inTurn(tooMany("61"), keyAnswer));
    await using client = openClient(server.url);
    await expect(ask(client)).rejects.toMatchObject({ status: 429 });
    await expect(ask(client)).rejects.toMatchObject({
      code: "budget_exhausted",
      status: null,
      effect: "none",
      retry: "later",
    });
    await client.clock.advance(61_000);
    expect(await ask(client)).toMatchObject({ accepted: true });
    expect(server.seen).toHaveLength(2);
  });

  it("is kept by never sending more than the share in a minute, whatever the calls", async () => {
    await using server = await startWireServer(keyAnswer);
    await using client = openClient(server.url, { requestsPerMinute: 3 });
    await Promise.all([ask(client), client.paddle.probe("live"), ask(client)]);
    const fourth = ask(client);
    await client.clock.advance(59_999);
    expect(server.seen).toHaveLength(3);
    await client.clock.advance(1);
    expect(await fourth).toMatchObject({ accepted: true });
  });

  it("keeps a part for urgent calls, which go before those that wait", async () => {
    await using server = await startWireServer(keyAnswer);
    await using client = openClient(server.url, { requestsPerMinute: 12 });
    const ordinary = Array.from({ length: 14 }, () => ask(client));
    await Promise.all(ordinary.slice(0, 11));
    expect(await askUrgently(client)).toMatchObject({ accepted: true });
    expect(server.seen).toHaveLength(12);
    await client.clock.advance(60_000);
    await Promise.all(ordinary);
    expect(server.seen).toHaveLength(15);
  });

  it("silences urgent calls too: Paddle would answer none of them", async () => {
    await using server = await startWireServer(inTurn(tooMany("30"), keyAnswer));
    await using client = openClient(server.url);
    await expect(askUrgently(client)).rejects.toMatchObject({ code: "too_many_requests" });
    const urgent = askUrgently(client);
    await client.clock.advance(29_999);
    expect(server.seen).toHaveLength(1);
    await client.clock.advance(1);
    expect(await urgent).toMatchObject({ accepted: true });
  });

  it("does not let a call's wait for leave count against its 10 s", async () => {
    await using server = await startWireServer(inTurn(keyAnswer, () => {}));
    await using client = openClient(server.url, { requestsPerMinute: 1 });
    await ask(client);
    const waited = ask(client);
    await client.clock.advance(60_000);
    await arrived(server, 2);
    await client.clock.advance(9_999);
    await expect(Promise.race([waited, Promise.resolve("still waiting")])).resolves.toBe("still waiting");
    await client.clock.advance(1);
    await expect(waited).rejects.toMatchObject({ code: "no_answer" });
  });
});
