// Lets kafkajs send our records as kafka-batch-writer.ts writes them. Its producer still finds the leaders, connects and tries again; only the bytes of a
// request are made here, because making them took it 33 µs for a record of 1.5 kB, more than all else that a webhook costs. What others
// produce in this process is left to it. The version of kafkajs is pinned, and a test compares the bytes.
import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';
import type { WireRecord } from '../../../schemas/wire.ts';
import { type OutgoingRecord, writeRecordBatch } from './kafka-batch-writer.ts';

/** A record on its way; the partition is chosen by our one partition function, never by the client. */
export class OutgoingMessage implements Message, OutgoingRecord {
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
  readonly partition: number;

  constructor({ key, value, headers }: Omit<WireRecord, 'topic' | 'partitionKey'>, partition: number) {
    this.key = key;
    this.value = value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.headers = headers;
    this.partition = partition;
  }
}

interface ProduceArguments {
  acks: number;
  timeout: number;
  compression?: number;
  transactionalId?: string | null;
  producerId?: unknown;
  topicData: readonly { topic: string; partitions: readonly { partition: number; messages: readonly unknown[] }[] }[];
}

interface Request {
  encode(): Promise<object>;
}

interface Encoder {
  writeBufferInternal(bytes: Buffer): void;
}

interface Definitions {
  protocol(of: { version: number }): (of: ProduceArguments) => { request: Request; response: object };
}

const load = createRequire(import.meta.url);
const definitions: Definitions = load('kafkajs/src/protocol/requests/produce');
const EncoderClass: new (initialBytes: number) => Encoder = load('kafkajs/src/protocol/encoder');
/** From here on the request is what writeProduceRequest writes. */
const firstVersion = 3;

let isInstalled = false;

export function installProduceProtocol(): void {
  if (isInstalled) return;
  isInstalled = true;
  const original = definitions.protocol;
  definitions.protocol = ({ version }) => {
    const define = original({ version });
    if (version < firstVersion) return define;
    return (args) => {
      const made = define(args);
      if (!isOurs(args)) return made;
      const encode = async () => {
        const bytes = writeProduceRequest(args, Date.now());
        const encoder = new EncoderClass(bytes.length);
        encoder.writeBufferInternal(bytes);
        return encoder;
      };
      return { ...made, request: { ...made.request, encode } };
    };
  };
}

type OurArguments = ProduceArguments & {
  topicData: readonly {
    topic: string;
    partitions: readonly { partition: number; messages: readonly OutgoingMessage[] }[];
  }[];
};

const isOurs = (args: ProduceArguments): args is OurArguments =>
  !args.compression &&
  !args.transactionalId &&
  args.topicData.every(({ partitions }) =>
    partitions.every(({ messages }) => messages.every((message) => message instanceof OutgoingMessage)),
  );

/** Versions 3 to 8 are the same: https://kafka.apache.org/protocol#The_Messages_Produce. Pure. */
export function writeProduceRequest({ acks, timeout, topicData }: OurArguments, timeMs: number): Buffer {
  const parts: Buffer[] = [];
  const int16 = (value: number) => {
    const bytes = Buffer.allocUnsafe(2);
    bytes.writeInt16BE(value);
    parts.push(bytes);
  };
  const int32 = (value: number) => {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value);
    parts.push(bytes);
  };
  int16(-1); // no transaction
  int16(acks);
  int32(timeout);
  int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    const name = Buffer.from(topic);
    int16(name.length);
    parts.push(name);
    int32(partitions.length);
    for (const { partition, messages } of partitions) {
      const batch = writeRecordBatch(messages, timeMs);
      int32(partition);
      int32(batch.length);
      parts.push(batch);
    }
  }
  return Buffer.concat(parts);
}
