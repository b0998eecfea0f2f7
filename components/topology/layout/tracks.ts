/** A stretch of an edge along a channel, in whatever order-keeping figures the channel is measured in. */
export interface Stretch {
  id: string;
  from: number;
  to: number;
}

/**
 * Gives each stretch of a channel a track, so that no two on one track touch: by where they begin, each on the first track
 * that is free. @returns the track of each, and how many there are
 */
export function assignTracks(stretches: readonly Stretch[]): { tracks: Map<string, number>; count: number } {
  const tracks = new Map<string, number>();
  const ends: number[] = [];
  const ordered = stretches
    .map(({ id, from, to }) => ({ id, from: Math.min(from, to), to: Math.max(from, to) }))
    .sort((a, b) => a.from - b.from || b.to - a.to || (a.id < b.id ? -1 : 1));
  for (const { id, from, to } of ordered) {
    const free = ends.findIndex((end) => end < from);
    const track = free < 0 ? ends.length : free;
    ends[track] = to;
    tracks.set(id, track);
  }
  return { tracks, count: ends.length };
}
