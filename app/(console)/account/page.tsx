import { redirect } from "next/navigation";
import { consolePage } from "@/app/console-page.tsx";
import { authorizePage } from "@/lib/auth/page.ts";

/** Where one's account was until it became a part of the settings. */
async function AccountPage(): Promise<never> {
  await authorizePage("account:view");
  return redirect("/settings");
}

export default consolePage(AccountPage, []);
