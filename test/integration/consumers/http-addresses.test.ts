/** Where the rotator connects to, whatever names and redirects say. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpOptions } from "../../../src/consumers/http/consumer.ts";
import type { Resolve } from "../../../src/requests/lookup.ts";
import { HttpApplication } from "../../support/consumers/http-application.ts";
import { consumerOf, type Net, SWITCH_OVER } from "../../support/consumers/http-consumer.ts";
import { selfSignedCertificate } from "../../support/stores/self-signed-certificate.ts";

let application: HttpApplication;

beforeEach(async () => {
  application = await HttpApplication.open();
});

afterEach(async () => {
  await application[Symbol.asyncDispose]();
});

const consumer = (options: Partial<HttpOptions> = {}, net: Net = {}) => consumerOf(application, options, net);

/** A name server whose answers change from question to question; the last one stays. */
function resolvesTo(...answers: readonly (readonly string[])[]): Resolve & { readonly asked: () => number } {
  let asked = 0;
  const resolve: Resolve = (_host, done) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return Object.assign(resolve, { asked: () => asked });
}

describe("an address", () => {
  const barred = (address: string) => ({
    message: expect.stringMatching(
      new RegExp(`^consumer billing was not asked, because .*${address}, which is`),
    ),
    effect: "none",
    retry: "never",
  });

  it("of a cloud's metadata service is not connected to, however it is written", async () => {
    for (const host of [
      "169.254.169.254",
      "[::ffff:169.254.169.254]",
      "0xa9fea9fe",
      "2852039166",
      "[fd00:ec2::254]",
    ])
      await expect(consumer({}, { url: `http://${host}` }).observe(SWITCH_OVER)).rejects.toMatchObject(
        barred(""),
      );
  });

  it("is judged after its name was resolved, and by what is connected to", async () => {
    const url = `http://billing.internal:${application.port}`;
    const resolve = resolvesTo(["169.254.169.254"]);
    await expect(consumer({}, { url, resolve }).observe(SWITCH_OVER)).rejects.toMatchObject(
      barred("billing.internal is 169.254.169.254"),
    );
    expect(application.requests).toEqual([]);
  });

  it("is judged anew for each connection, so a name that changes its address does not pass", async () => {
    const url = `http://billing.internal:${application.port}`;
    const resolve = resolvesTo(["127.0.0.1"], ["169.254.169.254"]);
    const looking = consumer({}, { url, resolve });
    expect((await looking.observe(SWITCH_OVER)).instances).toHaveLength(2);
    await expect(looking.observe(SWITCH_OVER)).rejects.toMatchObject(barred("169.254.169.254"));
    expect(resolve.asked()).toBe(2);
  });

  it("is used where another one of the same name is refused", async () => {
    const url = `http://billing.internal:${application.port}`;
    const resolve = resolvesTo(["169.254.169.254", "127.0.0.1"]);
    expect((await consumer({}, { url, resolve }).observe(SWITCH_OVER)).instances).toHaveLength(2);
  });

  it("must be in a network of allow, where there are any", async () => {
    expect((await consumer({ allow: ["127.0.0.0/8"] }).observe(SWITCH_OVER)).state).toBe("under-way");
    await expect(consumer({ allow: ["10.0.0.0/8"] }).observe(SWITCH_OVER)).rejects.toMatchObject({
      message: `consumer billing was not asked, because 127.0.0.1, which is in no network of allow: give another address, or add its network to allow`,
    });
    expect(application.requests).toHaveLength(1);
  });

  it("that is public is not asked without TLS", async () => {
    const resolve = resolvesTo(["203.0.113.9"]);
    await expect(
      consumer({}, { url: "http://billing.example.com", resolve }).observe(SWITCH_OVER),
    ).rejects.toMatchObject(barred("203.0.113.9"));
  });
});

describe("a server that does not prove who it is", () => {
  it("is sent nothing, no token either", async () => {
    let requests = 0;
    await using server = createServer(selfSignedCertificate(), (_request, response) => {
      requests += 1;
      response.end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const act of ["notify", "observe"] as const)
      await expect(consumer({}, { url })[act](SWITCH_OVER)).rejects.toMatchObject({
        message: expect.stringMatching(/^consumer billing does not prove who it is \(\w+ from https:/),
        effect: "none",
        retry: "never",
      });
    expect(requests).toBe(0);
  });
});
