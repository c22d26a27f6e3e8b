/** The last `capacity` values that were set or got, each until its `until`, in ms since 1970; one without is not held. */
export function lastOf<Value extends { readonly until?: number }>(capacity: number) {
  const values = new Map<string, Value>();
  const set = (key: string, value: Value): void => {
    values.delete(key);
    values.set(key, value);
    const [oldest] = values.keys();
    if (values.size > capacity && oldest !== undefined) values.delete(oldest);
  };
  return {
    set,
    get(key: string, now: number): Value | undefined {
      const value = values.get(key);
      if (!value || (value.until ?? 0) <= now) return undefined;
      set(key, value);
      return value;
    },
  };
}
