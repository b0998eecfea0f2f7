/** What an input of a rule says when every matching tag is meant, and all of it, and nothing is verified. */
export const WHOLE_SELECTION = {
  excludeTagPattern: "",
  semverRange: "",
  newestTags: null,
  platforms: null,
  verify: { after: null, schedule: null },
};
