/** What a person types, and what a program pipes in. A key is read here and nowhere else: never from the arguments. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Secret } from "../core/secret.ts";
import { UsageError } from "./answer.ts";

export type Terminal = {
  readonly input: NodeJS.ReadStream;
  /** For questions; answers for programs go to standard output. */
  readonly output: NodeJS.WriteStream;
};

/** More than a key has; somebody piped in the wrong thing. */
const INPUT_LIMIT = 4_096;

/** Throws UsageError unless the person types the name of the key. */
export async function confirmByName(terminal: Terminal, name: string, warning: string): Promise<void> {
  if (!terminal.input.isTTY) throw new UsageError(`${warning} Add --yes to say that you want this`);
  const typed = await question(terminal, `${warning}\nType the key's name (${name}) to go on: `, "shown");
  if (typed.trim() !== name) throw new UsageError("that is not its name: nothing was done");
}

/** One key, from a prompt that does not show it or from standard input. */
export async function readKey(terminal: Terminal, name: string): Promise<Secret> {
  const text = terminal.input.isTTY
    ? await question(terminal, `New Paddle API key for ${name} (is not shown): `, "hidden")
    : await readAll(terminal.input);
  const key = text.trim();
  if (key === "") throw new UsageError("no key was given: type it at the prompt or pipe it in");
  if (/\s/.test(key)) throw new UsageError("one key is wanted and nothing else");
  return new Secret(key);
}

async function question(
  { input, output }: Terminal,
  text: string,
  answer: "shown" | "hidden",
): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // In terminal mode readline does the echo itself: to nowhere, there is none.
  const lines = createInterface({
    input,
    output: answer === "shown" ? output : nowhere,
    terminal: true,
    historySize: 0,
  });
  const given = Promise.withResolvers<string>();
  lines.once("line", given.resolve);
  lines.once("SIGINT", () => given.reject(new UsageError("stopped: nothing was done")));
  lines.once("close", () => given.reject(new UsageError("nothing was typed: nothing was done")));
  // Not before readline has the terminal: until then the terminal itself would show what is typed.
  output.write(text);
  try {
    return await given.promise;
  } finally {
    lines.close();
    if (answer === "hidden") output.write("\n");
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  let text = "";
  for await (const chunk of input.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > INPUT_LIMIT) throw new UsageError("one key is wanted and nothing else");
  }
  return text;
}
