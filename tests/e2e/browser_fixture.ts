/** A real browser for tests of the page. */
import puppeteer, { type Browser, type Page } from "puppeteer-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--hide-scrollbars",
];

/** Chromium without a window, in a folder of its own. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #folder: string;

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  /** @param path Path of the program. */
  static async launch(path: string): Promise<TestBrowser> {
    const folder = await Deno.makeTempDir({ prefix: "mimocorb_chromium_" });
    const browser = await puppeteer.launch({
      executablePath: path,
      headless: true,
      userDataDir: folder,
      args: ARGUMENTS,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    return new TestBrowser(browser, folder);
  }

  /** Opens a page and waits until it has a connection to the run. Whatever the page complains about is thrown at the end. */
  async open(url: string, options: { readonly width?: number; readonly height?: number } = {}): Promise<TestPage> {
    const { width = 1500, height = 1100 } = options;
    const page = await this.#browser.newPage();
    await page.setViewport({ width, height });
    const tested = new TestPage(page);
    await page.goto(url);
    await tested.until("a connection", `document.documentElement.dataset.online === "true"`);
    return tested;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }
}

/** One page with hands and eyes. */
export class TestPage {
  readonly page: Page;
  /** What went wrong in the page. */
  readonly errors: string[] = [];

  /** @param page A page of the browser. */
  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      // While a line is down the browser complains about it by itself.
      const text = message.text();
      if (message.type() === "error" && !/WebSocket|ERR_CONNECTION|ERR_INTERNET/.test(text)) this.errors.push(text);
    });
  }

  /** Waits until an expression is true on the page. */
  async until(what: string, expression: string): Promise<void> {
    try {
      await this.page.waitForFunction(expression, { timeout: 30_000, polling: 50 });
    } catch (error) {
      throw new Error(`Cannot go on: expected ${what}; ${this.errors.join("; ")}`, { cause: error });
    }
  }

  /** Text of an element. */
  async text(selector: string): Promise<string> {
    return await this.page.$eval(selector, (node) => node.textContent ?? "");
  }

  /** Texts of all elements. */
  async texts(selector: string): Promise<string[]> {
    return await this.page.$$eval(selector, (nodes) => nodes.map((node) => node.textContent ?? ""));
  }

  /** Waits until an element shows a text. */
  async shows(selector: string, shown: string): Promise<void> {
    const text = `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`;
    await this.until(`"${shown}" in ${selector}`, `(${text}).includes(${JSON.stringify(shown)})`);
  }

  /** Clicks the middle of an element. */
  async click(selector: string): Promise<void> {
    await this.page.click(selector);
  }
}
