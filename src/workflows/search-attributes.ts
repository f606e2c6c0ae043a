import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { searchAttributeNames } from '../temporal/names';

/** How a run ended, for searches in the Temporal Web UI. */
export const runStatusAttribute = defineSearchAttributeKey(
  searchAttributeNames.runStatus,
  SearchAttributeType.KEYWORD,
);
