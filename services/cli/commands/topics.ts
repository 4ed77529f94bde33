// `topics`: how the topics of the cluster are and should be; with --apply they are made so, as far as the cluster allows it.
import { topics as catalogue } from '../../../schemas/topics.ts';
import { kafkaConfig } from '../../runtime/log/kafka-config.ts';
import { describeTopicDifferences, differenceSentence, ensureTopics } from '../../runtime/log/kafka-topics.ts';
import { readEngineSettings } from '../access.ts';
import type { CommandContext } from '../command-context.ts';
import { topicPlan } from '../engines.ts';
import { exitCode } from '../exit-code.ts';

export async function topics(
  context: CommandContext,
  { apply, json }: { apply?: boolean; json?: boolean },
): Promise<number> {
  const { terminal } = context;
  const settings = readEngineSettings(context);
  const isShared = Boolean(settings.KAFKA_BROKERS);
  const config = isShared ? kafkaConfig(settings, 'oura-streaming topics') : undefined;
  const plan = topicPlan(settings);
  const differences = config ? await (apply ? ensureTopics(config, plan) : describeTopicDifferences(config, plan)) : [];
  if (json) terminal.print(JSON.stringify({ topics: catalogue, differences }));
  else {
    for (const { name, key, description } of catalogue)
      terminal.print(`${name.padEnd(28)} ${key.padEnd(28)} ${description}`);
    if (!isShared) terminal.print('The embedded log has them all. Set KAFKA_BROKERS to look at a cluster.');
    for (const difference of differences)
      terminal.print(differenceSentence(difference, apply ? undefined : '--apply changes it'));
    if (isShared && differences.length === 0) terminal.print('The cluster has them as they should be.');
  }
  return differences.length === 0 ? exitCode.done : exitCode.partial;
}
