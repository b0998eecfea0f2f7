"use client";

import { Component, type ReactNode } from "react";

/** The part of the program that draws may not come, after an update for instance: then the table says the same without it. */
export class DrawingBoundary extends Component<
  { message: string; children: ReactNode },
  { failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? (
      <p role="status" className="flex h-full items-center justify-center px-6 text-ink-2">
        {this.props.message}
      </p>
    ) : (
      this.props.children
    );
  }
}
