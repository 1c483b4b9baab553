/** Posting to services that are not well: each case with a real server on loopback. */
import { describe, expect, it } from "vitest";
import { createPost, type Posting } from "../../../src/alerts/channels/post.ts";
import type { ChannelError } from "../../../src/core/alert.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type Answer, HttpFake } from "../../support/alerts/http-fake.ts";
import { selfSignedCertificate } from "../../support/stores/self-signed-certificate.ts";

const OK: Answer = { status: 200, body: "ok" };

function posting(url: string, given: Partial<Posting> = {}): Posting {
  const explain = () => ({ problem: "it is refused", remedy: "do something" });
  return { place: "alert channel ops (test)", url, body: "{}", explain, ...given };
}

async function errorOf(sending: Promise<void>): Promise<ChannelError> {
  return sending.then(
    () => expect.fail("it was sent"),
    (error: ChannelError) => error,
  );
}

describe("posting an alert", () => {
  it("follows no redirect: what is sent is meant for the configured address", async () => {
    await using server = await HttpFake.open(({ path }) =>
      path === "/" ? { status: 307, headers: { location: "/elsewhere" }, body: "" } : OK,
    );
    const error = await errorOf(createPost(new FakeClock())(posting(`${server.origin}/`)));
    expect(error).toMatchObject({ retry: "never", message: expect.stringContaining("not followed") });
    expect(server.requests.map(({ path }) => path)).toEqual(["/"]);
  });

  it("sends nothing to a server whose certificate nobody trusts", async () => {
    await using server = await HttpFake.open(() => OK, selfSignedCertificate());
    const error = await errorOf(createPost(new FakeClock())(posting(server.origin)));
    expect(error).toMatchObject({ effect: "none", retry: "never" });
    expect(error.message).toContain("certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(server.requests).toEqual([]);
  });

  it("knows that nothing was sent where nobody listens", async () => {
    const server = await HttpFake.open(() => OK);
    const url = server.origin;
    await server[Symbol.asyncDispose]();
    const error = await errorOf(createPost(new FakeClock())(posting(url)));
    expect(error).toMatchObject({ effect: "none", retry: "later" });
    expect(error.message).toContain("cannot be reached (ECONNREFUSED)");
  });

  it("ends by its deadline where an answer trickles without end", async () => {
    const clock = new FakeClock();
    await using server = await HttpFake.open(() => OK);
    server.trouble = "trickle";
    const sending = errorOf(createPost(clock)(posting(server.origin)));
    await server.requested();
    await clock.advance(10_000);
    expect(await sending).toMatchObject({ effect: "unknown", retry: "later" });
  });

  it("needs no more than a yes, however long what follows is", async () => {
    await using server = await HttpFake.open(() => ({ status: 200, body: "x".repeat(5_000_000) }));
    await createPost(new FakeClock())(posting(server.origin));
    expect(server.requests).toHaveLength(1);
  });

  it("leaves no timer and no sleeper behind", async () => {
    const clock = new FakeClock();
    await using server = await HttpFake.open(() => OK);
    const post = createPost(clock);
    await post(posting(server.origin));
    server.trouble = { status: 500, body: "" };
    await errorOf(post(posting(server.origin)));
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ["a 429 that says when", { status: 429, headers: { "retry-after": "7" }, body: "" }, 7_000],
    ["a 429 that does not", { status: 429, body: "" }, 60_000],
    ["a 503 that says when", { status: 503, headers: { "retry-after": "7" }, body: "" }, 7_000],
    ["a 503 that does not", { status: 503, body: "" }, null],
  ])("after %s, waits as long as it should", async (_, answer, retryAfterMs) => {
    await using server = await HttpFake.open(() => answer);
    const error = await errorOf(createPost(new FakeClock())(posting(server.origin, { quietMs: 60_000 })));
    expect(error).toMatchObject({ retry: "later", retryAfterMs });
  });
});
