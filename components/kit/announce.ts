let region: HTMLElement | undefined;

/** A region has to be there before its words, or they are not read out. Safe to call again. */
export function prepareToAnnounce(): void {
  if (!region) {
    region = document.createElement("p");
    region.setAttribute("role", "status");
    region.className = "sr-only";
    document.body.append(region);
  }
}

/** Says `words` to those who do not see what changed: one region for the whole page, since a list would have one a row. */
export function announce(words: string): void {
  prepareToAnnounce();
  if (region) {
    // The same words again are another node, which is read out too.
    region.replaceChildren(document.createTextNode(words));
  }
}
