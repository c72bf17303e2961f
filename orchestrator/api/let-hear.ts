import type { IncomingMessage, ServerResponse } from 'node:http';

/** Whoever goes on to send for longer has a link on which it would not hear an answer soon. */
const LONGEST_MILLISECONDS = 5_000;

/**
 * Lets a client hear an answer that was given before all was read that it sends: what is refused is refused by its head. A connection that
 * is closed with something unread in it is reset, which takes away on its way what the other end has not read yet (RFC 9112, 9.6): a
 * file that is sent with a token that has expired would end as a broken connection. So the rest is read and forgotten first.
 */
export function letHear(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  const { socket } = request;
  const close = socket.destroySoon.bind(socket);
  // Node calls it when the answer is written, on connections that are not kept.
  socket.destroySoon = () => {
    if (request.complete) return close();
    const late = setTimeout(() => socket.destroy(), LONGEST_MILLISECONDS);
    socket.once('close', () => clearTimeout(late));
    request.once('end', close);
    socket.end();
    request.resume();
  };
  // A connection that is kept has other requests after it. Node's own listener comes before this one.
  response.once('finish', () => Reflect.deleteProperty(socket, 'destroySoon'));
}
