// The services that can run alone, in the order in which they start: whoever reads a topic before whoever writes it is not needed, the log
// keeps what nobody has read yet; but a page that answers first shows the rest arriving.
export const serviceNames = ['live', 'alert', 'normalize', 'archive', 'ingest'] as const;
export type ServiceName = (typeof serviceNames)[number];
