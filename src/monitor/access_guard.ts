/** Who may talk to the page's server. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Where the server listens. */
export interface GuardOptions {
  /** Address that it is bound to. */
  readonly hostname: string;
  readonly port: number;
  /** Must be shown with every request; null: none is needed, on loopback only. */
  readonly token: string | null;
}

/** What a request shows. */
export interface Visitor {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

/** Verdict: null means welcome. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly text: string;
}

/** True for addresses that only this machine can reach. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Makes a token of 128 random bits that can stand in an address. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/**
 * Refuses requests that come from pages of other sites, that were sent to another name (a name that somebody else's DNS
 * points to this machine), or that lack the token.
 */
export class AccessGuard {
  readonly #options: GuardOptions;
  readonly #cookie: string;

  /** @param options Where the server listens, and its token. */
  constructor(options: GuardOptions) {
    this.#options = options;
    this.#cookie = `mimocorb_${options.port}`;
  }

  /** Looks at a request. */
  judge(visitor: Visitor): Refusal | null {
    const { headers } = visitor;
    const host = headers.get("host") ?? visitor.url.host;
    if (!this.#isOurHost(host)) return { status: 403, text: "Cannot answer: this is not the address of this page" };
    const origin = headers.get("origin");
    if (origin !== null && origin !== `http://${host}`) {
      return { status: 403, text: "Cannot answer: the request comes from a page of another origin" };
    }
    const site = headers.get("sec-fetch-site");
    if (visitor.method !== "GET" && site !== null && site !== "same-origin" && site !== "none") {
      return { status: 403, text: "Cannot answer: the request comes from a page of another origin" };
    }
    if (this.#options.token !== null && !this.#tokensOf(visitor).some((token) => this.#isRight(token))) {
      return { status: 401, text: "Cannot answer: expected the token that the program printed with its address" };
    }
    return null;
  }

  /** Header that makes a browser show the token from now on by itself; null if there is no token in the address. */
  cookieFor(visitor: Visitor): string | null {
    const token = visitor.url.searchParams.get("token");
    if (this.#options.token === null || token === null || !this.#isRight(token)) return null;
    return `${this.#cookie}=${token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** With a token the names that a machine is reached by are many; without one only this machine's own are right. */
  #isOurHost(host: string): boolean {
    if (this.#options.token !== null) return true;
    const { hostname, port } = this.#options;
    const names = new Set(["localhost", "127.0.0.1", "[::1]", hostname.includes(":") ? `[${hostname}]` : hostname]);
    return [...names].some((name) => host === `${name}:${port}` || (port === 80 && host === name));
  }

  #tokensOf({ url, headers }: Visitor): string[] {
    const tokens: string[] = [];
    const inAddress = url.searchParams.get("token");
    if (inAddress !== null) tokens.push(inAddress);
    const bearer = /^Bearer (\S+)$/.exec(headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) tokens.push(bearer);
    for (const part of (headers.get("cookie") ?? "").split(/;\s*/)) {
      if (part.startsWith(`${this.#cookie}=`)) tokens.push(part.slice(this.#cookie.length + 1));
    }
    return tokens.slice(0, 4);
  }

  /** Digests have one length, and comparing them takes the same time wherever they differ. */
  #isRight(token: string): boolean {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    return timingSafeEqual(digest(token), digest(this.#options.token!));
  }
}
