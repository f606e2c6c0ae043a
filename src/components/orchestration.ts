import { z } from 'zod';
import { orchestrationIdSchema } from '../domain/model/ids';
import { jsonObjectSchema } from '../domain/model/json';
import { defineComponent } from './component';

const orchestrationConfiguration = z.strictObject({
  orchestrationId: orchestrationIdSchema.meta({ description: 'The orchestration that is run' }),
  parameters: jsonObjectSchema
    .optional()
    .meta({ description: 'Values of the nested run’s parameters, by name; they may hold {{parameters.x}}' }),
});

/** Runs another orchestration as a task, and ends as that run ends. */
export const orchestration = defineComponent({
  id: 'orchestration',
  name: 'Orchestration',
  type: 'other',
  description:
    'Runs another orchestration, and ends when that run has ended. A warning of the nested run counts as a failure of the task, which is not tried again: the nested tasks had their own attempts.',
  configuration: orchestrationConfiguration,
  examples: [
    { title: 'Run another orchestration', configuration: { orchestrationId: 'orc_daily' } },
    {
      title: 'Hand a parameter on',
      configuration: { orchestrationId: 'orc_daily', parameters: { day: '{{parameters.day}}' } },
    },
  ],
  nested: ({ orchestrationId, parameters = {} }) => ({ orchestrationId, parameters }),
});
