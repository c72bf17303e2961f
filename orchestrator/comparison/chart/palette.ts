import type { Phase } from '../../wire/phase.ts';

/** Colours of the report and its charts. Every role keeps its meaning in light and dark. */
export interface Palette {
  readonly surface: string;
  readonly raised: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  /**
   * One an arm, in order; hues of Okabe and Ito's set, told apart in every common form of colour blindness.
   */
  readonly series: readonly string[];
  /** Productive phases in one hue, necessary ones in greys, lost ones in another. */
  readonly phases: Readonly<Record<Phase, string>>;
}

export const LIGHT: Palette = {
  surface: '#ffffff',
  raised: '#f6f6f3',
  ink: '#1c1e21',
  muted: '#5b6068',
  line: '#dcdcd6',
  series: ['#c04f00', '#0067a3', '#00794f', '#a8527f', '#8a6a00', '#54565a'],
  phases: {
    training: '#3f6f7d',
    evaluating: '#6fa3ad',
    preparing: '#9cc3c6',
    exporting: '#b9d6d6',
    starting: '#8c8a85',
    loading: '#a9a7a1',
    checkpointing: '#c4c2bc',
    terminating: '#d9d7d2',
    recomputing: '#b5485d',
    hung: '#7d1f35',
  },
};

export const DARK: Palette = {
  surface: '#15171a',
  raised: '#1d2024',
  ink: '#e9e8e4',
  muted: '#a3a7ad',
  line: '#34383e',
  series: ['#f08a3c', '#5ab0e6', '#35c190', '#e08fbb', '#d9b13b', '#b4b7bb'],
  phases: {
    training: '#6aa5b3',
    evaluating: '#4a7f8c',
    preparing: '#38626d',
    exporting: '#2b4c55',
    starting: '#96938d',
    loading: '#7b7973',
    checkpointing: '#62605b',
    terminating: '#4b4a46',
    recomputing: '#e07187',
    hung: '#b33a55',
  },
};

function map(palette: Palette, colour: (value: string, name: string) => string): Palette {
  const named = (name: 'surface' | 'raised' | 'ink' | 'muted' | 'line'): string =>
    colour(palette[name], name);
  const phase = (name: Phase): string => colour(palette.phases[name], `phase-${name}`);
  return {
    surface: named('surface'),
    raised: named('raised'),
    ink: named('ink'),
    muted: named('muted'),
    line: named('line'),
    series: palette.series.map((value, index) => colour(value, `series-${index}`)),
    phases: {
      training: phase('training'),
      evaluating: phase('evaluating'),
      preparing: phase('preparing'),
      exporting: phase('exporting'),
      starting: phase('starting'),
      loading: phase('loading'),
      checkpointing: phase('checkpointing'),
      terminating: phase('terminating'),
      recomputing: phase('recomputing'),
      hung: phase('hung'),
    },
  };
}

/** For charts inside a page: custom properties, so that one SVG follows the reader's colour scheme. */
export const PAGE: Palette = map(LIGHT, (_, name) => `var(--${name})`);

/** The declarations that {@link PAGE} refers to. */
export function customProperties(palette: Palette): string {
  const declarations: string[] = [];
  map(palette, (value, name) => {
    declarations.push(`--${name}: ${value};`);
    return value;
  });
  return declarations.join(' ');
}

/** Past the last series colour they start again; shape and dash then still tell arms apart. */
export function seriesColour(palette: Palette, index: number): string {
  return palette.series[index % palette.series.length] ?? palette.ink;
}
