// The address of what is shown: `#/applications/docker%3Ashop%2Fapi?at=…&span=…`.
// The moment and the span are part of it, so back and forward move through time as well.

/** What an address says; parts of the path and values are decoded. */
export interface Address {
  path: string[];
  query: Record<string, string>;
}

/** Parameters that stay when the user goes to another view. */
const STICKY = ["at", "span"];

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function parseAddress(hash: string): Address {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split(/\?(.*)/s);
  const query: Record<string, string> = {};
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- read once, kept by nobody
  for (const [name, value] of new URLSearchParams(search)) query[name] = value;
  return { path: path.split("/").filter(Boolean).map(decode), query };
}

export function formatAddress({ path, query }: Address): string {
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- read once, kept by nobody
  const search = new URLSearchParams(query).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

class Router {
  #address = $state.raw<Address>({ path: [], query: {} });
  #listeners = new Set<() => void>();

  /** Parts of the path; the first is the view. */
  get path(): string[] {
    return this.#address.path;
  }

  get query(): Record<string, string> {
    return this.#address.query;
  }

  /** Name of the view, `overview` where the address names none. */
  get view(): string {
    return this.#address.path[0] ?? "overview";
  }

  /** Follows the address bar; returns what ends it. */
  start(): () => void {
    const read = () => {
      this.#address = parseAddress(location.hash);
      this.#listeners.forEach((listener) => listener());
    };
    read();
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }

  /** Is told when the address changed, by the user or by the program. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Address of a view, at the moment shown; for `href`. */
  href(...path: string[]): string {
    return formatAddress({ path, query: this.#sticky() });
  }

  /** Goes to a view, at the moment shown. */
  go(...path: string[]): void {
    this.#write({ path, query: this.#sticky() }, false);
  }

  /** Changes parameters of the address; `null` removes one. */
  setQuery(changes: Record<string, string | null>, { replace = false } = {}): void {
    const query = { ...this.query };
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) delete query[name];
      else query[name] = value;
    }
    this.#write({ path: this.path, query }, replace);
  }

  #sticky(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.query).filter(([name]) => STICKY.includes(name)));
  }

  #write(address: Address, replace: boolean) {
    const hash = formatAddress(address);
    if (hash === formatAddress(this.#address)) return;
    this.#address = address;
    try {
      if (replace) history.replaceState(history.state, "", hash);
      else history.pushState(null, "", hash);
    } catch {
      // WebKit refuses more than 100 changes in 30 s: the address is late then, the view is not.
    }
    this.#listeners.forEach((listener) => listener());
  }
}

export const router = new Router();
