/** Esc that ends what an input method is composing does not close what the field stands in. */
export function keepComposing(event: KeyboardEvent): void {
  if (event.isComposing) {
    event.preventDefault();
  }
}
