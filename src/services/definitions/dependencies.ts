import type { Component } from '../../components/component';
import type { ComponentSettings } from '../../components/context';
import type { SecretBox } from '../../secrets/secret-box';
import type { Db } from '../../store/database';

/** What the services of components, configurations and orchestrations need. */
export interface DefinitionDependencies {
  readonly db: Db;
  readonly secrets: SecretBox;
  readonly components: readonly Component[];
  readonly findComponent: (id: string) => Component | undefined;
  readonly settings: ComponentSettings;
}
