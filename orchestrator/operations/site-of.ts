import { join } from 'node:path';
import { uploadsIn } from '../documents/uploads.ts';
import type { Site } from './desk.ts';

/** The machine of a home folder, as new runs and whoever looks at clusters need it. */
export const siteOf = (home: string, machine: Omit<Site, 'home' | 'uploads'>): Site => {
  const { requireReady, interrupt, surveyCluster, surveyMachine, readInventory, leftovers } = machine;
  return {
    home,
    uploads: uploadsIn(join(home, 'uploads')),
    requireReady,
    interrupt,
    surveyCluster,
    surveyMachine,
    readInventory,
    leftovers,
  };
};
