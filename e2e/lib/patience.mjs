// How long a test waits for what is to come.

/** Milliseconds. They tell a hang from a busy machine; how fast a page is, benches measure. */
export const PATIENCE = 90_000;

/** Asks again until it holds; what does not in the end, fails as it last did. */
export async function eventually(check) {
  for (const end = Date.now() + PATIENCE; ; ) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
