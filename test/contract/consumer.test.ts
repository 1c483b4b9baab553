/** Every kind of consumer that is told by this machine itself. */
import { attested } from "../../src/consumers/attested.ts";
import { noneConsumer } from "../../src/consumers/none.ts";
import { openCommandPlace } from "../support/consumers/command-place.ts";
import { memoryAttestations } from "../support/consumers/memory-attestations.ts";
import { openHttpPlace } from "../support/consumers/http-place.ts";
import { type ConsumerPlace, consumerContract } from "./consumer.contract.ts";

consumerContract("http", () => openHttpPlace(), "instances");
consumerContract("http that expects two instances", () => openHttpPlace({ expect: 2 }), "instances");
consumerContract("http that cannot be asked", () => openHttpPlace({ verify: null }), "nothing");

consumerContract("command", () => openCommandPlace(), "whole");
consumerContract("command that cannot look", () => openCommandPlace(false), "nothing");

consumerContract("none", async () => openNone(), "nothing");

consumerContract("none, attested", openAttested, "instances");

function openNone(): ConsumerPlace {
  const options = { name: "billing", refreshMs: 60_000, timeoutMs: 60_000 };
  return {
    consumer: async () => noneConsumer(options),
    told: async () => 0,
    goOn: async () => {},
    everything: async () => "",
    breakages: {},
    secrets: [],
    [Symbol.asyncDispose]: async () => {},
  };
}

async function openAttested(): Promise<ConsumerPlace> {
  const attestations = memoryAttestations();
  const place = openNone();
  const say = (instance: string, fingerprint: string) =>
    attestations.take("billing", { instance, fingerprint });
  await say("billing-1", "sha256:00000000000000aa");
  return {
    ...place,
    consumer: async () => attested(await place.consumer(), { expect: 2, attestations }),
    async goOn(how, { fingerprint }) {
      await say("billing-1", fingerprint);
      await say("billing-2", how === "all" ? fingerprint : "sha256:00000000000000aa");
    },
    everything: async () => JSON.stringify(await attestations.of("billing")),
  };
}
