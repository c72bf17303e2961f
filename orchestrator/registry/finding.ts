/** What is wrong with a checkpoint's files; an empty list of findings means that it is whole. */
export interface FileFinding {
  readonly kind:
    | 'missing-file'
    | 'extra-file'
    | 'unreadable-file'
    | 'size-differs'
    | 'digest-differs'
    | 'bad-config'
    | 'bad-header'
    | 'bad-index'
    | 'missing-tensor'
    | 'extra-tensor'
    | 'wrong-tensor'
    | 'non-finite-tensor';
  /** Relative to the checkpoint's folder. */
  readonly path: string;
  readonly tensor?: string;
  /** One sentence with what was found and what was expected. */
  readonly message: string;
}
