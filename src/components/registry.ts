import type { Component } from './component';
import { jobWait } from './job-wait';

/** Every component of the product. A new one is one file and one line here. */
export const components: readonly Component[] = [jobWait];

const byId = new Map(components.map((component) => [component.summary.id, component]));

export function findComponent(id: string): Component | undefined {
  return byId.get(id);
}
