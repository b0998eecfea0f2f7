import { databaseAnswers } from "@/lib/data/health.ts";

export const dynamic = "force-dynamic";

/** Whether this process can do its work: it reaches the database within the bound. For load balancers; tells no more. */
export async function GET(): Promise<Response> {
  const ok = await databaseAnswers();
  return Response.json(
    { status: ok ? "ok" : "database-unreachable" },
    { status: ok ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
