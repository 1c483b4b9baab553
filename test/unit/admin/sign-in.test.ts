/** Who is let in. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { createSignIn, type SignInSettings } from "../../../src/http/admin/sign-in.ts";

const USER = { name: "ops", password: new Secret("päss:wörd") };
const TOKEN = new Secret("t0ken-of-a-program");
const BOTH: SignInSettings = { user: USER, token: TOKEN };

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const identify = (settings: SignInSettings, header: string | undefined) =>
  createSignIn(settings)?.identify(header);

describe("signing in", () => {
  it.each([
    ["a person with name and password", basic("ops:päss:wörd"), "ops"],
    ["a program with the token", "Bearer t0ken-of-a-program", "the bearer of ADMIN_TOKEN"],
    ["a scheme in any case", `bAsIc ${Buffer.from("ops:päss:wörd").toString("base64")}`, "ops"],
    ["a scheme followed by several blanks", "bearer   t0ken-of-a-program", "the bearer of ADMIN_TOKEN"],
  ])("lets in %s", (_who, header, caller) => {
    expect(identify(BOTH, header)).toEqual({ name: caller, role: "operator" });
  });

  it.each([
    ["no header", undefined],
    ["an empty header", ""],
    ["a wrong password", basic("ops:päss:word")],
    ["a wrong name with the right password", basic("root:päss:wörd")],
    ["a name in another case", basic("Ops:päss:wörd")],
    ["an empty password", basic("ops:")],
    ["a name without a colon", basic("ops")],
    ["the password cut short", basic("ops:päss:wör")],
    ["the password with more behind it", basic("ops:päss:wörd ")],
    ["text that is not base64", "Basic ops:päss:wörd"],
    ["a scheme without credentials", "Basic"],
    ["a scheme with a blank behind it", "Bearer "],
    ["a wrong token", "Bearer t0ken-of-a-programm"],
    ["the token by Basic", `Basic ${TOKEN.reveal()}`],
    ["the password by Bearer", `Bearer ${USER.password.reveal()}`],
    ["the token alone", TOKEN.reveal()],
    ["the token by another scheme", `Digest ${TOKEN.reveal()}`],
    ["name and password by another scheme", basic("ops:päss:wörd").replace("Basic", "Digest")],
    ["two credentials in one header", `Bearer ${TOKEN.reveal()}, ${basic("ops:päss:wörd")}`],
  ])("refuses %s", (_what, header) => {
    expect(identify(BOTH, header)).toBeNull();
  });

  it("offers and accepts only what is configured", () => {
    const person = { user: USER, token: null };
    const program = { user: null, token: TOKEN };
    expect(identify(person, "Bearer t0ken-of-a-program")).toBeNull();
    expect(identify(program, basic("ops:päss:wörd"))).toBeNull();
    expect(createSignIn(person)?.challenges).toEqual(['Basic realm="paddle-key-rotator", charset="UTF-8"']);
    expect(createSignIn(program)?.challenges).toEqual(['Bearer realm="paddle-key-rotator"']);
    expect(createSignIn(BOTH)?.challenges).toHaveLength(2);
    expect(createSignIn(person)?.hint).not.toContain("ADMIN_TOKEN");
    expect(createSignIn(program)?.hint).not.toContain("ADMIN_PASSWORD");
  });

  it("cannot be asked for without credentials", () => {
    expect(createSignIn({ user: null, token: null })).toBeNull();
    expect(createSignIn({ user: null, token: null, viewer: { user: null, token: null } })).toBeNull();
  });
});

describe("signing in as a viewer", () => {
  const viewer = {
    user: { name: "support", password: new Secret("s3cond:word") },
    token: new Secret("v1ew"),
  };
  const settings = { ...BOTH, viewer };

  it.each([
    [basic("support:s3cond:word"), { name: "support", role: "viewer" }],
    ["Bearer v1ew", { name: "the bearer of ADMIN_VIEWER_TOKEN", role: "viewer" }],
    [basic("ops:päss:wörd"), { name: "ops", role: "operator" }],
    ["Bearer t0ken-of-a-program", { name: "the bearer of ADMIN_TOKEN", role: "operator" }],
  ])("gives each the role of their own credentials", (header, caller) => {
    expect(identify(settings, header)).toEqual(caller);
  });

  it("takes no name with the other's password", () => {
    expect(identify(settings, basic("support:päss:wörd"))).toBeNull();
    expect(identify(settings, basic("ops:s3cond:word"))).toBeNull();
  });

  it("is enough to ask everybody for a sign-in", () => {
    const signIn = createSignIn({ user: null, token: null, viewer });
    expect(signIn?.challenges).toHaveLength(2);
    expect(signIn?.hint).toBe(
      "Basic with the user name and password of ADMIN_VIEWER_USER and ADMIN_VIEWER_PASSWORD, or Bearer with ADMIN_VIEWER_TOKEN",
    );
    expect(signIn?.identify(basic("ops:päss:wörd"))).toBeNull();
  });
});
