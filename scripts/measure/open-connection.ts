import { Client } from "pg";

/** A connection beside the pool, for what lasts as long as it does. The end of the server is no news to it. */
export async function openConnection(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
