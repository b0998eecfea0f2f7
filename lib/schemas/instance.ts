import { z } from "zod";
import { ChartsAddress, RegistryAddress } from "./address.ts";
import { PemCertificates } from "./certificates.ts";
import type { InstanceLimits } from "./limits.ts";
import { LimitsForm } from "./limits-input.ts";
import type { Instant } from "./task.ts";
import { type GrantLevel, type HealthStatus, INSTANCE_SORTS, VENDORS, type Vendor } from "./words.ts";

// biome-ignore lint/performance/noBarrelFile: the words of a noun are found beside its schema, and the browser skips the schema
export {
  GRANT_LEVELS,
  GRANTS,
  type Grant,
  type GrantLevel,
  HEALTH_STATUSES,
  type HealthStatus,
  type Vendor,
} from "./words.ts";

/** Messages of this folder are keys of messages/<locale>/validation.json; the console translates them. */
export const hasNoControl = (value: string): boolean => !/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u.test(value);

export const InstanceName = z
  .string({ error: "required" })
  .trim()
  .min(1, "required")
  .max(64, "too-long-64")
  .refine(hasNoControl, "control-characters");

const optionalText = (max: number, key: string) =>
  z
    .string()
    .max(max, key)
    .refine(hasNoControl, "control-characters")
    .optional()
    .or(z.literal("").transform(() => undefined));

const instanceFields = {
  name: InstanceName,
  region: z.string().trim().max(64, "too-long-64").refine(hasNoControl, "control-characters").default(""),
  address: RegistryAddress,
  chartsAddress: ChartsAddress,
  vendor: z.enum(VENDORS, { error: "vendor-unknown" }),
  username: optionalText(255, "too-long-255"),
  /** Empty means: keep the stored password (edit), or none (create). */
  password: z.string().max(4096, "too-long-4096").optional(),
  caCertificate: PemCertificates,
  plainHttp: z.coerce.boolean<unknown>().default(false),
};

interface Addresses {
  address: string;
  chartsAddress?: string | undefined;
  plainHttp: boolean;
}

function checkTransport(value: Addresses, context: z.RefinementCtx): void {
  if (value.chartsAddress?.startsWith("http://") && !value.plainHttp) {
    context.addIssue({ code: "custom", path: ["chartsAddress"], message: "charts-plain-http" });
  }
  if (value.address.startsWith("http://") && !value.plainHttp) {
    context.addIssue({ code: "custom", path: ["plainHttp"], message: "plain-http-not-chosen" });
  }
  if (value.address.startsWith("https://") && value.plainHttp) {
    context.addIssue({ code: "custom", path: ["address"], message: "plain-http-with-https" });
  }
}

export const CreateInstanceInput = z.object(instanceFields).superRefine(checkTransport);
export type CreateInstanceInput = z.infer<typeof CreateInstanceInput>;

/** Editing: an address on another origin needs the password again (checked in lib/data, which knows the old one). */
export const UpdateInstanceInput = z
  .object({
    instanceId: z.uuid(),
    version: z.coerce.number().int().positive(),
    ...instanceFields,
    /** Absent: they stay as they are. Null: none. */
    limits: LimitsForm.optional(),
  })
  .superRefine(checkTransport);
export type UpdateInstanceInput = z.infer<typeof UpdateInstanceInput>;

/** Testing before saving: the same fields; `instanceId` when a stored password may be used for the same origin. */
export const TestConnectionInput = z
  .object({
    instanceId: z.uuid().optional(),
    ...instanceFields,
    /** Not needed to find out whether it answers. */
    name: z.string().trim().max(64, "too-long-64").refine(hasNoControl, "control-characters").default(""),
  })
  .superRefine(checkTransport);
export type TestConnectionInput = z.infer<typeof TestConnectionInput>;

export const InstanceIdInput = z.object({ instanceId: z.uuid() });
/** Removal is confirmed by typing the instance's name. */
export const DeleteInstanceInput = z.object({ instanceId: z.uuid(), confirmName: z.string() });

/** 更换凭据: nothing but the two. */
export const RotateCredentialInput = z.object({
  instanceId: z.uuid(),
  version: z.coerce.number().int().positive(),
  username: z
    .string({ error: "required" })
    .trim()
    .min(1, "required")
    .max(255, "too-long-255")
    .refine(hasNoControl, "control-characters"),
  password: z.string({ error: "required" }).min(1, "required").max(4096, "too-long-4096"),
});
export type RotateCredentialInput = z.infer<typeof RotateCredentialInput>;

/** URL state of /instances. */
export const InstanceListQuery = z.object({
  q: z.string().trim().max(128).optional().catch(undefined),
  sort: z.enum(INSTANCE_SORTS).catch("name"),
  after: z.string().max(512).optional().catch(undefined),
  before: z.string().max(512).optional().catch(undefined),
  size: z.coerce
    .number()
    .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
    // Rows of two lines with much in them: 50 of these make a page slow.
    .catch(20),
});
export type InstanceListQuery = z.infer<typeof InstanceListQuery>;

/** Of /api/instances/options. */
export const InstanceOptionQuery = z.object({ q: z.string().trim().max(128).optional().catch("") });

/** What a registry was seen to be able to do; `null`: not to be told without writing to it. */
export interface Capabilities {
  probedAt: Instant;
  /** What it calls itself, from its headers or its vendor's API: `Harbor 2.13.1`. */
  software: string | null;
  /** Lists its repositories (`/v2/_catalog` or the vendor's own list). */
  list: boolean | null;
  /** OCI distribution-spec v1.1.1, "Listing Referrers". */
  referrers: boolean | null;
  delete: boolean | null;
  /** Accepts an upload in chunks (`PATCH` with `Content-Range`). */
  chunk: boolean | null;
}

/** What any page may know of an instance. Secrets are not part of any row. */
export interface InstanceRow {
  id: string;
  name: string;
  region: string;
  address: string;
  /** ChartMuseum beside the registry; null: none. */
  chartsAddress: string | null;
  vendor: Vendor;
  username: string | null;
  hasPassword: boolean;
  caCertificate: string | null;
  plainHttp: boolean;
  /** When the credential was last replaced; null without one, and where nobody knows. */
  credentialSetAt: Instant | null;
  capabilities: Capabilities | null;
  /** What it bears from all workers together; null: no limits. */
  limits: InstanceLimits | null;
  health: {
    status: HealthStatus;
    checkedAt: Instant | null;
    latencyMs: number | null;
    /** TransportError or registry code of the last failed check. */
    code: string | null;
    detail: string | null;
    /** First failure of the row that goes on; null while it is reached. */
    unreachableSince: Instant | null;
  };
  version: number;
  createdAt: Instant;
  updatedAt: Instant;
  ruleCount: number;
  /** What the viewer holds here. */
  grants: InstanceGrants;
}

export interface InstanceGrants {
  level: GrantLevel | null;
  receive: boolean;
}

/** What a drop-down shows of an instance. */
export interface InstanceOption {
  id: string;
  name: string;
  host: string;
  plainHttp: boolean;
  region: string;
  health: HealthStatus;
  grants: InstanceGrants;
}

/** A chart repository that answers, or a fact that says why not. `listed`: it has an index at this very address. */
export type ChartsReport =
  | { ok: true; listed: boolean }
  | { ok: false; code: string; httpStatus: number | null; detail: string | null };

/** Result of testing a connection: authenticated and listed, or a fact that says why not. */
export type ConnectionReport =
  | {
      ok: true;
      latencyMs: number;
      canList: boolean;
      repositoriesSeen: number;
      authentication: "anonymous" | "basic" | "token";
      /** Null when there was no time for it. */
      capabilities: Capabilities | null;
      /** What became of the chart repository, where there is one. */
      charts: ChartsReport | null;
    }
  | { ok: false; latencyMs: number; code: string; httpStatus: number | null; detail: string | null };
