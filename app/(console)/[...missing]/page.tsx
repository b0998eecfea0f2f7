import { notFound } from "next/navigation";
import { consolePage } from "@/app/console-page.tsx";

/** Whatever address no page has: the rail stays for whoever is signed in. */
async function MissingPage(): Promise<never> {
  notFound();
}

export default consolePage(MissingPage, []);
