import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { workplaceOfTests } from '../operations/stint-contract.ts';
import { serveWorkplace } from './serve-workplace.ts';

const BODY_BYTES = 16 << 20;

/** What a client reads that looks for an answer when it has sent all, or when it can send no more. */
async function afterSending(port: number, head: readonly string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.pause();
  let heard = '';
  socket.on('data', (chunk: Buffer) => void (heard += chunk.toString('latin1')));
  const over = new Promise<void>((done) => socket.on('close', () => done()));
  socket.on('error', () => undefined);
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await new Promise<void>((done) => socket.write(Buffer.alloc(BODY_BYTES), () => done()));
  // Whatever takes an answer away has done so by then.
  await new Promise((done) => setTimeout(done, 100));
  socket.resume();
  await over;
  return heard;
}

test.each([
  ['POST', '/api/v1/runs/cancel', 401],
  ['GET', '/api/v1/runs', 401],
  ['POST', '/nowhere', 400],
  ['GET', '/%zz', 400],
])(
  '%s %s with a long body that is not read is answered %i, which is heard whole',
  async (method, path, status) => {
    const { url } = await serveWorkplace(await workplaceOfTests());
    const { port } = new URL(url);
    for (let time = 0; time < 5; time += 1) {
      const heard = await afterSending(Number(port), [
        `${method} ${path} HTTP/1.1`,
        'Host: stint',
        'Connection: close',
        'Authorization: Bearer stint_x',
        'Content-Type: application/json',
        `Content-Length: ${BODY_BYTES}`,
      ]);
      const [head = '', body = ''] = heard.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(body).toHaveLength(Number(/^content-length: (\d+)/im.exec(head)?.[1]));
    }
  },
);

test('whoever goes on to send is not listened to for ever', async () => {
  const { url } = await serveWorkplace(await workplaceOfTests());
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), allowHalfOpen: true });
  socket.on('error', () => undefined);
  const over = new Promise<void>((done) => socket.on('close', () => done()));
  socket.resume();
  socket.write(
    'POST /nowhere HTTP/1.1\r\nHost: stint\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n',
  );
  const sending = setInterval(() => socket.writable && socket.write('x'), 100);
  const begun = performance.now();
  await over;
  clearInterval(sending);
  expect(performance.now() - begun).toBeGreaterThan(2_000);
}, 60_000);
