import type { Component } from '../../components/component';
import { NotFoundError } from '../../domain/errors';
import type { ComponentSummary } from '../../domain/model/component';
import type { DefinitionDependencies } from './dependencies';

type Needs = Pick<DefinitionDependencies, 'components' | 'findComponent'>;

export function listComponents({ components }: Needs): readonly ComponentSummary[] {
  return components.map((component) => component.summary);
}

/** @throws NotFoundError */
export function getComponent(needs: Needs, id: string): ComponentSummary {
  return requireComponent(needs, id).summary;
}

/** @throws NotFoundError */
export function requireComponent({ findComponent }: Pick<Needs, 'findComponent'>, id: string): Component {
  const component = findComponent(id);
  if (component === undefined)
    throw new NotFoundError(`There is no component "${id}".`, { code: 'UNKNOWN_COMPONENT' });
  return component;
}
