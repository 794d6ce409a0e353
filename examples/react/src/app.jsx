import { useCallback, useEffect, useState } from "react";
import { Chat } from "./chat.jsx";
import { client } from "./connection.js";
import { Memory } from "./memory.jsx";
import { Sessions } from "./sessions.jsx";

const named = () => location.hash.slice(1) || "trip";

/** The list of sessions, the open one, and its memory. The address names the open one. */
export function App() {
  const [id, setId] = useState(named);
  const [sessions, setSessions] = useState([]);
  const refresh = useCallback(async () => setSessions(await Array.fromAsync(client.sessions())), []);

  useEffect(() => {
    const follow = () => setId(named());
    addEventListener("hashchange", follow);
    refresh();
    return () => removeEventListener("hashchange", follow);
  }, [refresh]);

  return (
    <>
      <Sessions sessions={sessions} open={id} />
      <Loaded key={id} id={id} title={sessions.find((one) => one.id === id)?.title} onAnswered={refresh} />
      <Memory key={`memory of ${id}`} id={id} />
    </>
  );
}

/** A chat that begins with its history. */
function Loaded({ id, title, onAnswered }) {
  const [history, setHistory] = useState(null);
  const [trouble, setTrouble] = useState(null);

  useEffect(() => {
    client
      .session(id)
      .messages()
      .then(({ messages }) => setHistory(messages), setTrouble);
  }, [id]);

  if (trouble) return <main role="alert">{trouble.message}</main>;
  if (!history) return <main aria-busy="true" />;
  return <Chat id={id} title={title} history={history} onAnswered={onAnswered} />;
}
