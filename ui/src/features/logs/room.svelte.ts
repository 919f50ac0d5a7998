/* eslint-disable svelte/prefer-svelte-reactivity -- collections here are replaced, never changed in place */
/** The state of the room of logs: what is chosen, what is held of it, where the keyboard is. */
import { untrack } from "svelte";
import type { LogField } from "../../bindings/LogField";
import { ApiFailure, platform } from "../../platform/platform";
import { ask } from "../../shared/live.svelte";
import { time } from "../../shared/time/time.svelte";
import { visibility } from "../../shared/visibility.svelte";
import { LogBook } from "./book";
import type { Door, Wish } from "./wish";
import { Counter } from "./counts.svelte";
import { rowsOf, type EntryLine } from "./lines";
import { finderOf } from "./segments";
import { chosen, grouped, labels } from "./sources";
import { NO_FILTER, withoutGroups, type Group } from "./words";

/** What the user chose; outlives the view. */
export class LogChoices {
  text = $state("");
  is_regex = $state(false);
  match_case = $state(false);
  hidden = $state.raw<ReadonlySet<Group>>(new Set());
  fields = $state.raw<readonly LogField[]>([]);
  /** Sources that were switched on or off by hand. */
  wanted = $state.raw<Readonly<Record<string, boolean>>>({});

  get narrowed(): boolean {
    return this.text !== "" || this.hidden.size > 0 || this.fields.length > 0;
  }

  clear(): void {
    this.text = "";
    this.hidden = new Set();
    this.fields = [];
  }

  toggleGroup(group: Group): void {
    const next = new Set(this.hidden);
    if (!next.delete(group)) next.add(group);
    this.hidden = next;
  }

  /** Entries with exactly this value only; once more takes it back. */
  toggleField({ name, value }: LogField): void {
    const rest = this.fields.filter((one) => one.name !== name || one.value !== value);
    const added = rest.length === this.fields.length;
    this.fields = added ? [...rest.filter((one) => one.name !== name), { name, value }] : rest;
  }
}

export const choices = new LogChoices();

export class LogRoom {
  readonly choices: LogChoices;
  /** Unfiltered surroundings of one entry. */
  around = $state.raw<{ key: string; at_ms: number } | null>(null);
  /** The line that keys move; its entry is told beside. */
  cursor = $state<string | null>(null);
  opened = $state(false);
  unfolded = $state.raw<ReadonlySet<string>>(new Set());
  /** A row that is to be brought into sight. */
  wanted = $state<string | null>(null);
  /** Moments of the first and the last row in sight. */
  in_view = $state.raw<{ from_ms: number; to_ms: number } | null>(null);
  readonly book: LogBook;
  readonly counter: Counter;
  #version = $state(0);
  #before: ReadonlySet<string> = new Set();
  #only: string | null;

  constructor(of: LogChoices, only: string | null) {
    this.choices = of;
    this.#only = only;
    this.counter = new Counter(
      () => this.on,
      () => this.filter,
    );
    this.book = new LogBook(this.#door(), () => (this.#version += 1));
    $effect(() => {
      if (!visibility.visible || !this.sources.data || this.refused) return;
      const wish = JSON.parse(this.#wish) as Wish;
      untrack(() => this.book.show(wish));
      return () => this.book.close();
    });
    // Another moment or another search is not about that entry any more.
    $effect(() => {
      void [time.at_ms, this.filter];
      untrack(() => (this.around = null));
    });
  }

  readonly sources = ask(
    () => (time.opened ? null : {}),
    (request) => platform().call("log_sources", request),
    ["applications"],
  );
  /** Logs are of this machine, and not of a recording that is opened. */
  readonly refused = $derived(time.opened || this.sources.error?.code === "refused");
  readonly rows = $derived(
    (this.sources.data?.sources ?? []).filter(
      ({ application }) => this.#only === null || application === this.#only,
    ),
  );
  readonly on = $derived.by(() => {
    const on = chosen(this.rows, this.choices.wanted, this.#before);
    this.#before = new Set(on);
    return on;
  });
  readonly groups = $derived(grouped(this.rows, new Set(this.on)));
  readonly labels = $derived(labels(this.rows));
  readonly filter = $derived.by(() => {
    const { text, is_regex, match_case, fields, hidden } = this.choices;
    const plain = { ...NO_FILTER, text, is_regex, match_case, fields: [...fields] };
    return withoutGroups(plain, hidden);
  });
  readonly finder = $derived(finderOf(this.filter));
  /** The moment that is to be held. */
  readonly moment_ms = $derived(this.around?.at_ms ?? time.at_ms);
  readonly #wish = $derived(
    JSON.stringify({
      sources: this.on,
      filter: this.around ? NO_FILTER : this.filter,
      at_ms: this.moment_ms,
    } satisfies Wish),
  );

  /** What is held, as it is now. */
  readonly view = $derived.by(() => {
    void this.#version;
    const { lines, following, paused_ms, waiting, left_out, ready, problems, older, newer } =
      this.book;
    const side = older.loading ? older : newer.loading ? newer : null;
    return {
      lines,
      following,
      paused_ms,
      waiting,
      left_out,
      ready,
      opening: this.book.opening,
      at_ms: this.book.at_ms,
      problems,
      older_end: older.is_end,
      newer_end: newer.is_end,
      stopped: older.stopped,
      loading: side !== null,
      part: side?.part ?? null,
      read_bytes: side?.read_bytes ?? 0,
      error: this.book.error === null ? undefined : ApiFailure.from(this.book.error),
    };
  });
  readonly list = $derived(rowsOf(this.view.lines, this.unfolded, this.view.at_ms));
  readonly entries = $derived(
    this.view.lines.filter((line): line is EntryLine => line.kind === "entry"),
  );
  readonly entry = $derived(this.entries.find(({ key }) => key === this.cursor));
  /** Keys of entries that match what is searched for. */
  readonly hits = $derived.by(() => {
    const { finder } = this;
    if (this.choices.text === "") return [];
    const found = this.around
      ? this.entries.filter(({ entry }) =>
          [entry.message, ...entry.lines].some((text) => (finder?.(text).length ?? 0) > 0),
        )
      : this.entries;
    return found.map(({ key }) => key);
  });
  readonly hit = $derived(this.cursor === null ? -1 : this.hits.indexOf(this.cursor));

  /** What the host says is wrong with what is searched for. */
  readonly search_problem = $derived.by(() => {
    const { error } = this.view;
    return error?.code === "invalid" && this.choices.text !== "" ? error.message : null;
  });

  pause(): void {
    this.book.pause(time.now_ms);
  }

  follow(): void {
    this.around = null;
    if (time.past) time.live();
    else this.book.follow();
  }

  /** Marks an entry and brings it into sight. */
  choose(key: string): void {
    this.pause();
    this.cursor = key;
    this.wanted = key;
  }

  toHit(step: 1 | -1): void {
    const { hits, hit } = this;
    if (hits.length === 0) return;
    // Searched from the newest on, as it is read.
    const next = hit === -1 ? hits.length - 1 : (hit + step + hits.length) % hits.length;
    if (hit === 0 && step === -1 && !this.view.older_end) void this.book.reached("older");
    this.choose(hits[next]!);
  }

  showAround(line: EntryLine): void {
    this.cursor = this.wanted = line.key;
    this.around = { key: line.key, at_ms: line.at_ms };
  }

  leaveAround(): void {
    this.wanted = this.around?.key ?? null;
    this.around = null;
  }

  unfold(key: string): void {
    this.pause();
    this.unfolded = new Set([...this.unfolded, key]);
  }

  toggleSource(id: string): void {
    this.choices.wanted = { ...this.choices.wanted, [id]: !this.on.includes(id) };
  }

  /** Only this source, or all that were not switched off one by one. */
  only(id: string | null): void {
    const wanted: Record<string, boolean> = {};
    if (id !== null) for (const row of this.rows) wanted[row.id] = row.id === id;
    this.choices.wanted = wanted;
  }

  #door(): Door {
    return {
      page: (request) => platform().call("log_page", request),
      follow: (wanted, told) => {
        const sources = wanted.sources.map(({ source }) => source);
        return platform().subscribe({ logs: wanted }, ({ frame }) => {
          if (frame.kind !== "logs") return;
          this.counter.add(frame.entries, sources);
          told(frame);
        });
      },
    };
  }
}
