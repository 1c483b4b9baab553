/** A channel in trouble keeps its own alerts waiting and no others. */
import { describe, expect, it } from "vitest";
import { ChannelGates } from "../../../src/queue/channel-gates.ts";

const NOW = 1_000_000;

function gates(now = () => NOW, random = () => 0) {
  return new ChannelGates({ atOnce: 2, now, random });
}

function enter(some: ChannelGates, channel: string) {
  const pass = some.enter(channel);
  if (pass.kind === "wait") throw new Error("it must wait");
  return pass;
}

describe("the gates of channels", () => {
  it("let some in at once, and others in a second", () => {
    const some = gates();
    enter(some, "ops");
    enter(some, "ops");
    expect(some.enter("ops")).toEqual({ kind: "wait", until: NOW + 1_000 });
  });

  it("let the next in when one has left", () => {
    const some = gates();
    enter(some, "ops");
    const { leave } = enter(some, "ops");
    leave();
    expect(some.enter("ops").kind).toBe("go");
  });

  it("are one for each channel: who hangs keeps no other waiting", () => {
    const some = gates();
    enter(some, "ops");
    enter(some, "ops");
    expect(some.enter("oncall").kind).toBe("go");
  });

  it("let nobody in while the channel wants to be left alone, and then all again", () => {
    let now = NOW;
    const some = gates(() => now);
    expect(some.close("ops", 30_000)).toBe(NOW + 30_000);
    expect(some.enter("ops")).toEqual({ kind: "wait", until: NOW + 30_000 });
    expect(some.enter("oncall").kind).toBe("go");
    now += 30_000;
    expect(some.enter("ops").kind).toBe("go");
  });

  it("keep to the longer of two silences", () => {
    const some = gates();
    some.close("ops", 60_000);
    expect(some.close("ops", 1_000)).toBe(NOW + 60_000);
  });

  it("spread those that waited for the same moment", () => {
    const some = gates(undefined, () => 0.5);
    some.close("ops", 30_000);
    expect(some.enter("ops")).toEqual({ kind: "wait", until: NOW + 31_000 });
  });
});
