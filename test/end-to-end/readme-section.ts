import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

export interface Section {
  /** Of its console blocks, in order, without the prompt and the remark behind. */
  readonly commands: readonly string[];
  /** What its blocks of YAML say; one that begins with a file's name in a comment is that file. */
  readonly yaml: readonly { readonly name: string | null; readonly content: string }[];
  /** Commands that stand within its sentences. */
  readonly inline: readonly string[];
}

/** What a section of README tells its reader to type and to write. */
export async function readmeSection(title: string): Promise<Section> {
  const readme = await readFile(README, 'utf8');
  const section = readme.split(/^## /m).find((each) => each.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`README has no section "${title}"`);
  const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', content = '']) => ({
    language,
    content,
  }));
  const ofLanguage = (wanted: string) => blocks.filter(({ language }) => language === wanted);
  const prose = section.replace(/^```.*?^```$/gms, '');
  return {
    commands: ofLanguage('console').flatMap(({ content }) =>
      [...content.matchAll(/^\$ (.*?)(?:\s+#.*)?$/gm)].map(([, command = '']) => command),
    ),
    yaml: ofLanguage('yaml').map(({ content }) => ({
      name: /^# (\S+\.yaml)$/m.exec(content)?.[1] ?? null,
      content,
    })),
    inline: [...prose.matchAll(/`(stint [^`]+)`/g)].map(([, command = '']) => command),
  };
}
