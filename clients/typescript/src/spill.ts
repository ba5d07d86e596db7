/** An event that waits: its id, and its JSON, which has that id too. */
export interface Waiting {
  event_id: string;
  text: string;
}

/**
 * Where events wait that must outlive their process.
 *
 * `append` is called before `store` returns, so it must be synchronous and must not fail silently: what it throws,
 * `store` throws. What is neither delivered nor reported when a process ends is returned by `pending` in the next one.
 */
export interface Spill {
  /** The events that an earlier process left, oldest first. */
  pending(): Waiting[];
  /** Keep `event`. Throws where there is no room. */
  append(event: Waiting): void;
  /** Forget these: they were delivered or reported. */
  settle(ids: readonly string[]): void;
  close(): void;
}
