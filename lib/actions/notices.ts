"use server";

import {
  createNoticeAddress,
  deleteNoticeAddress,
  rotateNoticeSecret,
  setNoticeEnabled,
  updateNoticeAddress,
} from "../data/notice-changes.ts";
import { resendNotice } from "../data/notice-messages.ts";
import {
  CreateNoticeInput,
  NoticeIdInput,
  ResendNoticeInput,
  RotateNoticeSecretInput,
  SetNoticeEnabledInput,
  UpdateNoticeInput,
} from "../schemas/notice.ts";
import { action } from "./action.ts";
import { sendSample } from "./notice-sample.ts";

export const createNoticeAction = action("notice:create", {
  input: CreateNoticeInput,
  subject: () => ({}),
  run: createNoticeAddress,
});

export const updateNoticeAction = action("notice:edit", {
  input: UpdateNoticeInput,
  subject: () => ({}),
  run: updateNoticeAddress,
});

export const setNoticeEnabledAction = action("notice:edit", {
  input: SetNoticeEnabledInput,
  subject: () => ({}),
  run: async (actor, input) => {
    await setNoticeEnabled(actor, input);
    return {};
  },
});

/** A new signing secret, shown once. */
export const rotateNoticeSecretAction = action("notice:rotate", {
  input: RotateNoticeSecretInput,
  subject: () => ({}),
  run: rotateNoticeSecret,
});

export const deleteNoticeAction = action("notice:delete", {
  input: NoticeIdInput,
  subject: () => ({}),
  run: async (actor, { noticeId }) => {
    await deleteNoticeAddress(actor, noticeId);
    return {};
  },
});

/** Sends a sample now, and answers what the receiver said. */
export const testNoticeAction = action("notice:test", {
  input: NoticeIdInput,
  subject: () => ({}),
  run: (actor, { noticeId }) => sendSample(actor, noticeId),
});

export const resendNoticeAction = action("notice:resend", {
  input: ResendNoticeInput,
  subject: () => ({}),
  run: async (actor, { deliveryId }) => {
    await resendNotice(actor, deliveryId);
    return {};
  },
});
