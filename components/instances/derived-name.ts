/** First labels of hosts that say nothing but that it is a registry. */
const PLAIN = /^(?:registry|docker|harbor|hub|cr|oci|images?)\./i;
const MAX = 64;

/** A name for an instance out of what was typed as its address so far: its host, without `registry.` and the like. */
export function derivedName(address: string): string {
  const text = address.trim();
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (text === "" || !URL.canParse(url)) {
    return "";
  }
  const { host } = new URL(url);
  const short = host.replace(PLAIN, "");
  return (short.includes(".") ? short : host).slice(0, MAX);
}
