import type { SecretBox } from "@triggers/domain";

const maxRemembered = 10_000;

/**
 * Opens each sealed secret once: unsealing costs more than the rest of building a request. What is remembered is bound to
 * the sealed bytes themselves, so a rotated secret is another one; the longest remembered go first.
 */
export function rememberSecrets(box: Pick<SecretBox, "open">): Pick<SecretBox, "open"> {
  const opened = new Map<string, string>();
  return {
    open(sealed, context) {
      const name = `${context} ${sealed.toString("latin1")}`;
      const known = opened.get(name);
      if (known !== undefined) return known;
      const plain = box.open(sealed, context);
      if (opened.size >= maxRemembered) {
        const [oldest] = opened.keys();
        if (oldest !== undefined) opened.delete(oldest);
      }
      opened.set(name, plain);
      return plain;
    },
  };
}
