import type { Phase } from '../../orchestrator/wire/phase.ts';
import type { ExitClass } from '../../orchestrator/wire/termination.ts';
import { EXIT_CODE_OF_CLASS } from '../../orchestrator/wire/termination.ts';
import type { End, Pod } from './records.ts';
import { checkpointLine, phaseLine, stepLine } from './trainer-lines.ts';
import type { World } from './world.ts';

export const told = (exitClass: ExitClass, message: string): End => ({
  exitCode: EXIT_CODE_OF_CLASS[exitClass],
  termination: { exitClass, message },
});

const SUCCESS: End = { exitCode: 0, termination: { exitClass: 'succeeded', message: 'done' } };
const PEER_LOST = told('infrastructure', 'lost the connection to a peer');
const SAVED = told('interrupted', 'asked to end; saved');
const WORK: Readonly<Record<string, Phase>> = {
  prepare: 'preparing',
  export: 'exporting',
  evaluate: 'evaluating',
};

/** One life of a gang: what its processes do and tell, in step with each other, from their start to their ends. */
export class Life {
  readonly pods: Pod[] = [];
  /** Its pods stand still, and say nothing. */
  isHung = false;
  /** A peer is gone: nobody gets any further. */
  isBroken = false;
  isTraining = false;
  #step = 0;
  #isSaving = false;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  podStarted(pod: Pod): void {
    this.#tell(pod, (at) => phaseLine(at, 'starting'));
    if (pod.job.stage !== 'train') return this.#workAlone(pod);
    if (this.isBroken) return this.peersLost();
    const { pods } = this;
    if (pods.length === pod.job.size && pods.every(({ started }) => started)) this.#load();
  }

  #workAlone(pod: Pod): void {
    const { chance } = this.#world;
    this.#after(chance.between(300, 1_500), () => {
      this.#tell(pod, (at) => phaseLine(at, WORK[pod.job.stage] ?? 'starting'));
      this.#after(chance.between(1_500, 5_000), () => this.#world.endPod(pod, SUCCESS));
    });
  }

  #load(): void {
    this.#tellAll((at) => phaseLine(at, 'loading'));
    this.#after(this.#world.chance.between(800, 2_500), () => {
      const { training } = this.#world;
      this.isTraining = true;
      this.#step = training.saved;
      if (training.saved < training.reached) training.lostSteps += training.reached - training.saved;
      const isLost = this.#step < training.reached;
      this.#tellAll((at) => phaseLine(at, isLost ? 'recomputing' : 'training'));
      if (this.#step < training.steps) this.#takeStep(training.reached);
      else this.#succeed();
    });
  }

  /** @param reached - The last step that an earlier life had made. */
  #takeStep(reached: number): void {
    const { training, chance } = this.#world;
    const milliseconds = chance.between(1_200, 2_500);
    this.#after(milliseconds, () => {
      this.#step += 1;
      const step = this.#step;
      this.#tell(this.#first(), (at) => stepLine(at, step, training.steps, milliseconds / 1_000));
      training.reached = Math.max(training.reached, step);
      if (step === reached) this.#tellAll((at) => phaseLine(at, 'training'));
      const isLast = step === training.steps;
      const next = () => (isLast ? this.#succeed() : this.#takeStep(reached));
      if (isLast || step % training.checkpointEvery === 0)
        this.#save(step < reached ? 'recomputing' : 'training', next);
      else next();
    });
  }

  #save(goingOnWith: Phase, next: () => void): void {
    const milliseconds = this.#world.chance.between(200, 900);
    this.#tellAll((at) => phaseLine(at, 'checkpointing'));
    this.#after(milliseconds, () => {
      this.#keep(milliseconds);
      this.#tellAll((at) => phaseLine(at, goingOnWith));
      next();
    });
  }

  #keep(milliseconds: number): void {
    const { training } = this.#world;
    training.saved = Math.max(training.saved, this.#step);
    this.#tell(this.#first(), (at) => checkpointLine(at, this.#step, milliseconds / 1_000));
  }

  #succeed(): void {
    for (const pod of this.pods)
      this.#after(this.#world.chance.between(0, 1_500), () => this.#world.endPod(pod, SUCCESS));
  }

  /** What trains agrees to save, and goes; what stands still, or waits for a peer, does not hear it. */
  askedToEnd(pod: Pod): void {
    const { chance, clock } = this.#world;
    if (pod.job.stage !== 'train') {
      clock.after(chance.between(100, 900), () => this.#world.endPod(pod, SAVED));
      return;
    }
    if (this.isHung || (this.isBroken && this.isTraining)) return;
    if (!this.isTraining) {
      clock.after(chance.between(100, 900), () => this.#world.endPod(pod, SAVED));
      return;
    }
    if (this.#isSaving) return;
    this.#isSaving = true;
    const milliseconds = chance.between(300, 1_500);
    clock.after(milliseconds, () => {
      if (this.isHung || this.isBroken) return;
      this.#keep(milliseconds);
      for (const each of this.pods)
        clock.after(chance.between(0, 600), () => this.#world.endPod(each, SAVED));
    });
  }

  podEnded(pod: Pod, { exitCode }: End): void {
    if (exitCode === 0 || this.isBroken || this.#isSaving || pod.job.stage !== 'train') return;
    this.isBroken = true;
    this.peersLost();
  }

  /** Its node does not answer any more: collectives wait until NCCL gives them up, or for ever. */
  nodeSilent(): void {
    const { chance, clock } = this.#world;
    if (this.pods.every(({ job }) => job.stage !== 'train')) return;
    this.isBroken = true;
    if (chance.happens(0.5)) clock.after(chance.between(5_000, 20_000), () => this.peersLost());
  }

  /** Its node answers again, and it has lived. */
  nodeHeard(pod: Pod): void {
    if (pod.job.stage === 'train') this.peersLost();
  }

  /** The trainer's own watchdog finds out that nothing goes on. */
  watchdogBites(): void {
    const { chance } = this.#world;
    this.#tellAll((at) => phaseLine(at, 'hung'));
    for (const pod of this.pods)
      this.#world.clock.after(chance.between(500, 3_000), () =>
        this.#world.endPod(pod, told('hung', 'no rank has made progress')),
      );
  }

  peersLost(): void {
    const { chance, clock } = this.#world;
    for (const pod of this.pods)
      if (pod.started) clock.after(chance.between(100, 2_500), () => this.#world.endPod(pod, PEER_LOST));
  }

  #first(): Pod {
    const first = this.pods[0];
    if (first === undefined) throw new Error('a gang without pods');
    return first;
  }

  #tellAll(line: (at: number) => string): void {
    for (const pod of this.pods) this.#tell(pod, line);
  }

  /** By its node's clock. */
  #tell(pod: Pod, line: (at: number) => string): void {
    if (pod.endedTrue !== null || pod.node === null) return;
    const at = this.#world.clock.now() + pod.node.skew;
    pod.lines.push({ at, text: line(at) });
    this.#world.linesChanged();
  }

  /** Once it stands still, ends, or leaves, nothing of this happens any more. */
  #after(milliseconds: number, act: () => void): void {
    this.#world.clock.after(milliseconds, () => {
      if (this.isHung || this.isBroken || this.#isSaving) return;
      act();
    });
  }
}
