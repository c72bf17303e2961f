import { z } from 'zod';

/** Of a recipe, a profile, an arm, a team: part of names and the value of labels, on Kubernetes and on bills. */
export const Name = z
  .string()
  .max(40)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'expected lower-case letters, digits, "-" and ".", with a letter or digit at both ends and around each "."',
  );
