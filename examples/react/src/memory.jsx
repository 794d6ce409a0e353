import { useEffect, useState } from "react";
import { client } from "./connection.js";

/** What is remembered of a session, as of now: it changes in the background, after a turn. */
export function Memory({ id }) {
  const [memory, setMemory] = useState(null);

  useEffect(() => {
    const halt = new AbortController();
    (async () => {
      for await (const changed of client.watch(id, { signal: halt.signal })) setMemory(changed);
    })();
    return () => halt.abort();
  }, [id]);

  return (
    <aside aria-label="Memory">
      <h2>Summary</h2>
      <p className="summary">{memory?.context ?? "Nothing is summarised yet."}</p>
      {memory && (
        <p className="quiet">
          {memory.messages} messages word for word, {memory.folded} in the summary
        </p>
      )}
    </aside>
  );
}
