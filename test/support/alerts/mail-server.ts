/** A mail server on loopback: real SMTP, with STARTTLS, a login, and the replies that a test asks for (RFC 5321). */
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import { type Certificate, selfSignedCertificate } from "../stores/self-signed-certificate.ts";

export type Mail = {
  readonly recipients: readonly string[];
  /** As it came. */
  readonly source: string;
  readonly email: Email;
};

export type MailTrouble =
  | { readonly at: "sign-in" | "recipient" | "message"; readonly code: number }
  /** The mail is taken and the connection broken, once. */
  | "lose"
  | "hang";

type Options = {
  readonly tls?: "starttls" | "tls" | "none";
  readonly certificate?: Certificate;
};

export class MailServer implements AsyncDisposable {
  readonly user = "rotator@example.com";
  readonly password = "mailCanary-mailCanary";
  readonly certificate: Certificate;
  readonly mails: Mail[] = [];
  /** Whether somebody has shown a password, and over what. */
  readonly signIns: { readonly secure: boolean }[] = [];
  trouble: MailTrouble | null = null;
  readonly #server: SMTPServer;
  readonly #sockets = new Set<Socket>();
  #onMail = Promise.withResolvers<void>();
  #port = 0;

  private constructor({ tls = "starttls", certificate = selfSignedCertificate() }: Options) {
    this.certificate = certificate;
    const options: SMTPServerOptions = {
      secure: tls === "tls",
      ...certificate,
      hideSTARTTLS: tls === "none",
      disabledCommands: tls === "none" ? ["STARTTLS"] : [],
      allowInsecureAuth: true,
      logger: false,
      disableReverseLookup: true,
      closeTimeout: 100,
      onAuth: ({ username, password }, session, done) => {
        this.signIns.push({ secure: session.secure });
        const { trouble } = this;
        if (isAt(trouble, "sign-in")) return done(reply(trouble.code));
        const isRight = username === this.user && password === this.password;
        // As a careless server might: it repeats what it was sent.
        return isRight
          ? done(null, { user: username })
          : done(reply(535, `5.7.8 not accepted: ${username} ${password}`));
      },
      onRcptTo: ({ address }, _session, done) => {
        const { trouble } = this;
        if (address.startsWith("gone@")) return done(reply(550, `no ${address} here`));
        return done(isAt(trouble, "recipient") ? reply(trouble.code) : null);
      },
      onData: (stream, session, done) => {
        void this.#take(stream, session, done);
      },
    };
    this.#server = new SMTPServer(options);
    this.#server.on("error", () => {}); // Of connections that tests break.
    this.#server.server.on("connection", (socket: Socket) => this.#sockets.add(socket));
  }

  async #take(
    stream: Readable,
    session: SMTPServerSession,
    answer: (error: Error | null) => void,
  ): Promise<void> {
    const source = await text(stream);
    const { trouble } = this;
    if (isAt(trouble, "message")) return answer(reply(trouble.code));
    if (trouble === "hang") return this.#onMail.resolve();
    const recipients = session.envelope.rcptTo.map(({ address }) => address);
    this.mails.push({ recipients, source, email: await PostalMime.parse(source) });
    if (trouble !== "lose") return answer(null);
    this.trouble = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  static async open(options: Options = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    const address = server.#server.server.address();
    if (address === null || typeof address === "string") throw new Error("this mail server has no port");
    server.#port = address.port;
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves once a mail came that is left hanging. */
  hanging(): Promise<void> {
    return this.#onMail.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function isAt<At extends "sign-in" | "recipient" | "message">(
  trouble: MailTrouble | null,
  at: At,
): trouble is { readonly at: At; readonly code: number } {
  return typeof trouble === "object" && trouble?.at === at;
}

function reply(responseCode: number, message = "not now, mailCanary-mailCanary"): Error {
  return Object.assign(new Error(message), { responseCode });
}
