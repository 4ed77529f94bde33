// Lines of CSV by RFC 4180: CRLF at the end of each, quotes around a field that holds a comma, a quote or a line break, quotes doubled.
// Null is an empty field, which a text never is here.

const special = /[",\r\n]/;

const field = (value: string | number | null): string => {
  const text = value === null ? '' : String(value);
  return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csvLine = (values: readonly (string | number | null)[]): string => `${values.map(field).join(',')}\r\n`;
