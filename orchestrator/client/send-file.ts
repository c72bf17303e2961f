import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FILE_PATH } from '../contract/streams.ts';
import { filledPath } from '../contract/verbs.ts';
import { askAgain } from './ask-again.ts';
import { request, type Server } from './request.ts';

export interface SentFile {
  readonly path: string;
  readonly sha256: string;
}

/** Sends the bytes of a file to a server, under their digest. Sent twice they are kept once. @throws StintError `upload-differs`. */
export const sendFile = (server: Server, { path, sha256 }: SentFile): Promise<void> =>
  askAgain(server.signal, async () => {
    const { size } = await stat(path);
    const answer = await request(server, {
      method: 'PUT',
      path: filledPath(FILE_PATH, () => sha256),
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
      body: createReadStream(path),
    });
    answer.resume();
  });
