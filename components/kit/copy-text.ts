/**
 * Puts `text` on the clipboard. On a page without TLS browsers have no `navigator.clipboard`, and consoles in the intranet are often such
 * pages: then the text is selected and copied, as a person would. @returns whether the browser did
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const { copySelected } = await import("./copy-selected.ts");
    return copySelected(text);
  }
}
