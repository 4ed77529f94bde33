// The fetch of Kafka's protocol (version 11, every broker since 2.3) with an answer that leaves the records as bytes: kafka-batch-reader.ts reads as many of
// them as are wanted. The request is kafkajs's; its answer is read here.
import { createRequire } from 'node:module';

export interface FetchRequest {
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
}

/** What one fetch says about a partition. */
export interface FetchedPartition {
  topic: string;
  partition: number;
  /** The offset the next append will get. */
  end: number;
  /** Record batches, the last one possibly cut off. Empty when others filled the answer. */
  bytes: Buffer;
}

export interface FetchAnswer {
  /** 0: a broker that wants us to be slower says so in the next field and is obeyed. */
  throttleTime: number;
  clientSideThrottleTime: number;
  responses: { topicName: string; partitions: (FetchedPartition & { errorCode: number })[] }[];
}

export interface FetchProtocol {
  request: object;
  response: { decode(bytes: Buffer): Promise<FetchAnswer>; parse(answer: FetchAnswer): Promise<FetchAnswer> };
  requestTimeout: number;
}

type FetchDefinition = (request: FetchRequest & { isolationLevel: number; rackId: string }) => FetchProtocol;

const definitions: { protocol(of: { version: number }): FetchDefinition } = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/fetch',
);
const version = 11;
const readCommitted = 1;

/** For a connection of kafkajs. Its `parse` throws what the broker says of a partition. */
export function fetchProtocol(request: FetchRequest): FetchProtocol {
  const made = definitions.protocol({ version })({ ...request, isolationLevel: readCommitted, rackId: '' });
  return { ...made, response: { decode: async (bytes) => readFetchAnswer(bytes), parse: made.response.parse } };
}

/** https://kafka.apache.org/protocol#The_Messages_Fetch, version 11. Pure. */
export function readFetchAnswer(bytes: Buffer): FetchAnswer {
  let at = 0;
  const int16 = () => {
    at += 2;
    return bytes.readInt16BE(at - 2);
  };
  const int32 = () => {
    at += 4;
    return bytes.readInt32BE(at - 4);
  };
  const int64 = () => {
    at += 8;
    return Number(bytes.readBigInt64BE(at - 8));
  };
  const take = (length: number) => {
    at += Math.max(0, length);
    return bytes.subarray(at - Math.max(0, length), at);
  };
  const list = <Item>(item: () => Item): Item[] => Array.from({ length: Math.max(0, int32()) }, item);
  const partitionOf = (topic: string) => () => {
    const partition = int32();
    const errorCode = int16();
    const end = int64();
    at += 16; // what is stable, and the first offset
    list(() => take(16)); // transactions that were given up, of which we write none
    at += 4; // a replica that is nearer
    return { topic, partition, errorCode, end, bytes: take(int32()) };
  };
  const clientSideThrottleTime = int32();
  at += 6; // an error and a session, which belong to sessions of fetches
  const responses = list(() => {
    const topicName = take(int16()).toString();
    return { topicName, partitions: list(partitionOf(topicName)) };
  });
  return { throttleTime: 0, clientSideThrottleTime, responses };
}
