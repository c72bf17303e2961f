export interface LocalClusterOptions {
  /** Absolute folder of everything this backend keeps: pods, logs, volumes. Made when missing. */
  readonly root: string;
  /** The source tree; stands for the image's `/opt/stint`. */
  readonly checkout: string;
  /** Folder with `python` and `torchrun`, first on the pods' PATH; for example `.venv/bin`. */
  readonly pythonBin: string;
}
