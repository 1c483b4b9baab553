/** The demo's output: a timeline that reads well in a terminal and stays plain text elsewhere. */
import { styleText } from "node:util";

export type Speaker = "Paddle" | "rotator" | "alert" | "app" | "person" | "demo";

const COLOURS = {
  Paddle: "magenta",
  rotator: "cyan",
  alert: "yellow",
  app: "green",
  person: "blue",
  demo: "gray",
} as const;

export class Screen {
  readonly #startedAt = performance.now();
  readonly #coloured = process.stdout.isTTY;

  /** A line of the timeline: seconds since the start, who, what. */
  say(speaker: Speaker, text: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(2).padStart(6);
    console.log(
      `${this.#paint("dim", `${seconds}s`)}  ${this.#paint(COLOURS[speaker], speaker.padEnd(7))}  ${text}`,
    );
  }

  title(text: string): void {
    console.log(`\n${this.#paint("bold", text)}\n`);
  }

  /** One expectation and whether it held. */
  verdict({ held, text }: Verdict): void {
    console.log(`  ${held ? this.#paint("green", "ok    ") : this.#paint("red", "FAILED")}  ${text}`);
  }

  plain(text: string): void {
    console.log(text);
  }

  #paint(style: "dim" | "bold" | "red" | (typeof COLOURS)[Speaker], text: string): string {
    return this.#coloured ? styleText(style, text) : text;
  }
}

/** An expectation, in words that say what was found. */
export type Verdict = { readonly held: boolean; readonly text: string };
