/** Waits for an answer, but no longer than that. @param answer never fails */
export async function withPatience(answer: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([answer, late]);
  clearTimeout(timer);
}
