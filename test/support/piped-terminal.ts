/** A command's terminal where a key is piped in, and nobody sits in front of it. */
import { Readable, Writable } from "node:stream";
import type { Terminal } from "../../src/cli/terminal.ts";

export type PipedTerminal = Terminal & {
  /** What the command wrote besides its answer. */ readonly told: () => string;
};

export function pipedTerminal(input = ""): PipedTerminal {
  const chunks: string[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  return {
    // Of a stream that is no terminal, commands use no more than any stream has.
    input: Readable.from(input === "" ? [] : [Buffer.from(input)], {
      objectMode: false,
    }) as NodeJS.ReadStream,
    output: output as NodeJS.WriteStream,
    told: () => chunks.join(""),
  };
}
