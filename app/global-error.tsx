"use client";

/**
 * When even the layout of everything fails in the browser there are no texts to take words from. The address asked for anew gets a
 * whole page from the server, or its answer to a fault (app/console-page.tsx).
 */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body style={{ font: "16px system-ui", margin: "20vh auto", maxWidth: 420, padding: 16 }}>
        <title>{"Lockstep"}</title>
        <h1>
          <a href={globalThis.location?.href ?? "/"}>{"Lockstep"}</a>
        </h1>
        <p>
          <code>{error.digest ?? error.name}</code>
        </p>
      </body>
    </html>
  );
}
