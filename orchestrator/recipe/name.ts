import { z } from 'zod';

/** Names become parts of Kubernetes object names, so they are DNS-1123 labels, short enough for suffixes. */
export const Name = z
  .string()
  .max(40)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected lower-case letters, digits, "-" and "."');
