import { noticeSecretPlace } from "../db/notice-receiver.ts";
import { noticeAddresses, noticeAddressInstances, noticeDeliveries } from "../db/schema/notices.ts";
import { HOUR, MINUTE, SECOND, type Seed } from "./console-seed-base.ts";

type NoticeFacts = NonNullable<(typeof noticeDeliveries.$inferInsert)["facts"]>;
type Address = Partial<typeof noticeAddresses.$inferInsert> &
  Pick<typeof noticeAddresses.$inferInsert, "name" | "kind">;
type Delivery = Partial<typeof noticeDeliveries.$inferInsert> &
  Pick<typeof noticeDeliveries.$inferInsert, "event" | "state"> & { address: number };

/** Every kind; on, off, switched off by the receiver, held. */
const ADDRESSES: readonly Address[] = [
  { name: "值班群", kind: "wecom", urlHost: "qyapi.weixin.qq.com", urlHint: "8c21", failuresOnly: true },
  { name: "平台组", kind: "dingtalk", urlHost: "oapi.dingtalk.com", urlHint: "a07e", secretHint: "9fd2" },
  {
    name: "海外业务-镜像同步结果通知群（含新加坡、法兰克福、硅谷）",
    kind: "feishu",
    urlHost: "open.feishu.cn",
    urlHint: "51bb",
  },
  { name: "#registry-alerts", kind: "slack", urlHost: "hooks.slack.com", urlHint: "Zk3Q", locale: "en" },
  {
    name: "deploy-bot",
    kind: "generic",
    urlHost: "hooks.internal.example.com:8443",
    urlHint: "/in1",
    secretHint: "x2w=",
    failures: 4,
    heldReason: "failing",
  },
  {
    name: "old-pipeline",
    kind: "generic",
    urlHost: "ci.example.com",
    urlHint: "hook",
    enabled: false,
    disabledReason: "gone",
  },
];

const task = (rule: string, number: number): NoticeFacts =>
  ({ kind: "task", rule: { id: "", name: rule }, task: { number } }) as unknown as NoticeFacts;
/** An instance that was away for a while. */
const back = (name: string): NoticeFacts => ({
  kind: "instance",
  instance: { id: "00000000-0000-7000-8000-000000000000", name },
  reachable: true,
  since: new Date(0).toISOString(),
  until: new Date(12 * MINUTE).toISOString(),
  fact: null,
});

const DELIVERIES: readonly Delivery[] = [
  {
    address: 0,
    event: "task-failed",
    state: "sent",
    facts: task("payments-prod", 1043),
    httpStatus: 200,
    answer: '{"errcode":0,"errmsg":"ok"}',
    attempts: 1,
  },
  {
    address: 4,
    event: "task-partial",
    state: "waiting",
    facts: task("trade-to-singapore", 1042),
    httpStatus: 503,
    answer: "upstream connect error or disconnect/reset before headers",
    reason: "server-error",
    attempts: 4,
  },
  {
    address: 1,
    event: "task-succeeded",
    state: "failed",
    facts: task("charts-to-frankfurt", 1041),
    httpStatus: 200,
    answer:
      '{"errcode":310000,"errmsg":"description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳必须都放在调用的网址中"}',
    reason: "security-settings",
    attempts: 1,
  },
  {
    address: 0,
    event: "task-recovered",
    state: "sent",
    facts: task("payments-prod", 1040),
    httpStatus: 200,
    answer: '{"errcode":0,"errmsg":"ok"}',
    attempts: 2,
  },
  {
    address: 3,
    event: "instance-reachable",
    state: "sent",
    facts: back("法兰克福"),
    httpStatus: 200,
    answer: "ok",
    attempts: 1,
  },
  {
    address: 2,
    event: "task-succeeded",
    state: "sent",
    facts: task("charts-to-frankfurt", 1039),
    httpStatus: 200,
    answer: '{"code":0,"msg":"success"}',
    attempts: 1,
    digestId: "00000000-0000-7000-8000-000000000001",
  },
  {
    address: 5,
    event: "task-succeeded",
    state: "failed",
    facts: task("charts-to-frankfurt", 1038),
    httpStatus: 410,
    reason: "gone",
    attempts: 1,
  },
  {
    address: 5,
    event: "task-failed",
    state: "dropped",
    facts: task("a-rule-whose-name-is-as-long-as-a-name-of-a-rule-may-be-at-most-64", 1037),
  },
  {
    address: 4,
    event: "test",
    state: "failed",
    facts: { kind: "sample", at: new Date(0).toISOString() },
    reason: "timeout",
    attempts: 1,
  },
];

interface SeedNoticesOptions {
  instanceIds: Readonly<Record<string, string>>;
  /** As lib/secrets seals with the console's key; without it no address can be opened. */
  seal?: ((plaintext: string, place: string) => string) | undefined;
}

/** Where notices go, and what became of some. */
export async function seedNotices(
  seed: Seed,
  { instanceIds, seal = () => "seeded" }: SeedNoticesOptions,
): Promise<void> {
  const ids = ADDRESSES.map((_, index) => seed.id(HOUR + index));
  await seed.db.insert(noticeAddresses).values(
    ADDRESSES.map(({ urlHost = "", urlHint = "", secretHint = null, ...address }, index) => ({
      locale: "zh-CN" as const,
      ...address,
      id: ids[index] ?? "",
      urlHost,
      urlHint,
      urlSealed: seal(`https://${urlHost}/seeded${urlHint}`, noticeSecretPlace(ids[index] ?? "", "url")),
      secretHint,
      secretSealed: secretHint && seal(`seeded${secretHint}`, noticeSecretPlace(ids[index] ?? "", "secret")),
      allInstances: index !== 2,
      // Beyond every picture: nothing is tried again in it.
      heldUntil: address.heldReason ? new Date(seed.now + HOUR) : null,
    })),
  );
  const chosen = Object.values(instanceIds).slice(0, 3);
  await seed.db
    .insert(noticeAddressInstances)
    .values(chosen.map((instanceId) => ({ addressId: ids[2] ?? "", instanceId })));
  await seed.db.insert(noticeDeliveries).values(
    DELIVERIES.map(({ address, ...delivery }, index) => {
      const age = index * 7 * MINUTE + 20 * SECOND;
      return {
        ...delivery,
        id: seed.id(age),
        addressId: ids[address] ?? "",
        subject: `seed:${index}`,
        createdAt: seed.ago(age),
        dueAt: new Date(seed.now + HOUR),
        lastAttemptAt: delivery.attempts ? seed.ago(age) : null,
        elapsedMs: delivery.httpStatus ? 84 : null,
      };
    }),
  );
}
