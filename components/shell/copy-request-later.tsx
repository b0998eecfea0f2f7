"use client";

import { lazily } from "../kit/lazily.tsx";

// Every page may be refused, so every page carries this file; hardly any is.
export const CopyRequest = lazily(() => import("./copy-request.tsx").then((module) => module.CopyRequest));
