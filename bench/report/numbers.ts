/** `1,234`. */
export const whole = (number: number) => Math.round(number).toLocaleString('en-US');

/** Two decimals below ten, one below a hundred, none above. */
export function decimals(number: number): string {
  if (number >= 100) return whole(number);
  return number.toFixed(number >= 10 ? 1 : 2);
}

/** `99.8 %`; what is not quite all or nothing does not look so. */
export function percent(share: number): string {
  const rounded = (share * 100).toFixed(1);
  if (rounded === '100.0') return share < 1 ? '> 99.9 %' : '100 %';
  if (rounded === '0.0') return share > 0 ? '< 0.1 %' : '0 %';
  return `${rounded} %`;
}

/** `5.2 s`, `4 min 12 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${decimals(seconds)} s`;
  const all = Math.round(seconds);
  return `${Math.floor(all / 60)} min ${all % 60} s`;
}

/** `$1.23`; what is less than a cent, but not nothing, is said to be. */
export function dollars(amount: number): string {
  return amount > 0 && amount < 0.01 ? '< $0.01' : `$${amount.toFixed(2)}`;
}
