/** Data on its way to the browser, written out: `components/live/use-text.ts` reads it there. */
export type TextOf<Data> = string & { readonly of?: Data };

/**
 * What a client component is given as an object, React writes out value by value, reads in again to draw the page on the server, and once
 * more in the browser. A text goes through all of that as one value. For whatever has more than a few fields: rows, texts.
 */
export function textOf<Data>(data: Data): TextOf<Data> {
  return JSON.stringify(data) as TextOf<Data>;
}
