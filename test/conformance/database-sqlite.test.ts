import { describeDatabase } from './database.ts';
import { openFileSubject, openMemorySubject } from './database-sqlite-subject.ts';

describeDatabase('SQLite in a file', openFileSubject);
describeDatabase('SQLite in memory', openMemorySubject, { reopens: false });
